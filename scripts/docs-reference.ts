import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileSchema } from '../core/config/config-schema.js';
import { inputSchema } from '../core/config/json-schema.js';
import { loadPlugins } from '../core/config/load.js';
import { PART_KINDS, type Registered } from '../core/config/container/registry.js';
import { optionRows, type OptionRow } from './docs-option-rows.js';

/**
 * Writes `docs/reference`: the keys of a config and the options of every built-in part, from the schemas that check them.
 * `node dist/scripts/docs-reference.js [FOLDER]`
 */
const folder = process.argv[2] ?? 'docs/reference';

const { registry } = await loadPlugins(undefined, { cwd: import.meta.dirname });
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
write('index', [
  '# Config',
  'Every key a config may have. Keys that name a part take its name, or an object of its name and options; the options of each',
  'part are on the pages beside this one.',
  '',
  ...table(optionRows(fileSchema())),
]);
for (const kind of PART_KINDS) {
  const title = kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('-', ' ');
  write(kind, [
    `# ${title}: what is built in`,
    `What the contract asks of one: [${title}](../contracts/${kind}.md).`,
    ...registry.parts(kind).flatMap(part),
  ]);
}

function part({ part: { name, summary, options } }: Registered): string[] {
  const rows = optionRows(inputSchema(options));
  return ['', `## ${name}`, '', `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`, '', ...table(rows)];
}

function table(rows: readonly OptionRow[]): string[] {
  if (rows.length === 0) return ['No options.'];
  return [
    '| option | value | default | what it does |',
    '|---|---|---|---|',
    ...rows.map(({ path, value, otherwise, description }) =>
      ['', `\`${path}\``, value, otherwise === undefined ? '' : `\`${otherwise}\``, description, ''].join(' | ').trim(),
    ),
  ];
}

function write(name: string, lines: readonly string[]): void {
  writeFileSync(join(folder, `${name}.md`), `${lines.join('\n')}\n`);
}
