import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';

/**
 * The arrows of the map in docs/architecture.md. A wing may import itself and the wings listed here. Imports of types count:
 * a reader has to follow them too. One import is made by URL instead, so that core compiles without plugins: `config/container`
 * loads the parts that come with the package.
 */
const WINGS: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  engine: [],
  reparam: ['contracts', 'engine'],
  train: ['contracts', 'engine', 'reparam'],
  io: ['contracts', 'engine', 'reparam'],
  config: ['contracts'],
  run: ['contracts', 'engine', 'reparam', 'train', 'io', 'config'],
  app: ['contracts', 'engine', 'reparam', 'train', 'io', 'config', 'run'],
  testing: ['contracts', 'engine', 'reparam', 'train', 'io', 'config', 'run'],
};

const PLUGINS = ['contracts', 'engine', 'reparam', 'train', 'io'];

/** Imports that the map does not have, by the file that makes them. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  // The command prints what the package's entry gives a program.
  'core/app/cli/commands/schema.ts': 'core/api.ts',
  // Observers write files that the layout of a run folder names.
  'plugins/observers/csv.ts': 'core/run/folder/layout.ts',
  'plugins/observers/jsonl.ts': 'core/run/folder/layout.ts',
  // The entry of the package: core, and the types of the built-in plugins.
  'plugins/entry.ts': 'core/index.ts',
};

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

interface Import {
  readonly from: string;
  readonly to: string;
}

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && !name.includes('/templates/') && !name.includes('/native/'));

const importsOf = (file: string): Import[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, name]) => ({
    from: file,
    to: normalize(join(dirname(file), name as string))
      .replaceAll('\\', '/')
      .replace(/\.js$/, '.ts'),
  }));

const files = ['core', 'plugins', 'presets'].flatMap(sources);
const imports = files.flatMap(importsOf).filter(({ from, to }) => EXCEPTIONS[from] !== to);
const inWords = ({ from, to }: Import): string => `${from} imports ${to}`;

/** The wing of a file of core; undefined for `core/index.ts`, `core/api.ts` and everything outside of core. */
const wingOf = (file: string): string | undefined => /^core\/([^/]+)\//.exec(file)?.[1];

test('every wing of core is on the map, and has a README', (t) => {
  const wings = readdirSync('core', { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? entry.name : [],
  );
  t.deepEqual(wings.sort(), Object.keys(WINGS).sort());
  for (const wing of wings) t.true(existsSync(join('core', wing, 'README.md')), `core/${wing}/README.md is missing`);
});

test('a wing of core imports only wings below it', (t) => {
  const wrong = imports.filter(({ from, to }) => {
    const wing = wingOf(from);
    if (wing === undefined) return false;
    const target = wingOf(to);
    return target !== wing && !(target !== undefined && WINGS[wing]?.includes(target));
  });
  t.deepEqual(wrong.map(inWords), []);
});

test('a plugin imports contracts, engine, reparam, train and io', (t) => {
  const wrong = imports.filter(
    ({ from, to }) =>
      from.startsWith('plugins/') && !to.startsWith('plugins/') && !PLUGINS.includes(wingOf(to) ?? 'nothing'),
  );
  t.deepEqual(wrong.map(inWords), []);
});

test('a preset imports what defines it, and presets', (t) => {
  const allowed = ['core/config/define.ts', 'core/app/compare/schema.ts'];
  const wrong = imports.filter(
    ({ from, to }) => from.startsWith('presets/') && !to.startsWith('presets/') && !allowed.includes(to),
  );
  t.deepEqual(wrong.map(inWords), []);
});

test('no file imports itself by way of others, types included', (t) => {
  const next = new Map(files.map((file) => [file, imports.filter(({ from }) => from === file).map(({ to }) => to)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  t.deepEqual(circles, []);
});
