import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { findPython } from '../bench-peer/python.js';
import { kindOf } from './checkpoints.js';
import { tableOf } from './outcome.js';

/**
 * Reads the files of a folder of cases with other programs, and says how many each reads, by kind:
 * `npm run test:cases:peers [-- --python PATH FOLDER …]`. Reading is less than folding: they say nothing of the network.
 */

interface Found {
  readonly path: string;
  readonly found: Readonly<Record<string, { readonly read: boolean; readonly detail: string }>>;
}

const { values: options, positionals } = parseArgs({
  options: { python: { type: 'string' } },
  allowPositionals: true,
});
const beside = join('..', 'shared', 'cases');
const root = process.env['CASES_DIR'] ?? (existsSync(beside) ? beside : join('test', 'cases'));
const folders = positionals.length > 0 ? positionals : ['checkpoints', 'hostile'].map((name) => join(root, name));

const files = folders.flatMap((folder) =>
  tableOf(folder)
    .flatMap(({ file = '' }) => file.split(',').map((part) => part.trim().replaceAll('`', '')))
    .map((name) => ({
      name,
      path: join(folder, name),
      kind: 'right' in (tableOf(folder)[0] ?? {}) ? kindOf(name) : 'hostile',
    }))
    .filter(
      ({ path, name }) => existsSync(path) && /\.(pth|pt|pkl|tar|ckpt|npz|safetensors|pdparams)$|^[\w-]+$/.test(name),
    ),
);
const python = await findPython(options.python);
const script = join('scripts', 'cases', 'peer.py');
const { stdout } = await promisify(execFile)(python, [script, ...files.map(({ path }) => path)], {
  maxBuffer: 64 * 2 ** 20,
});
const [first = '{}', ...lines] = stdout.trim().split('\n');
const { versions } = JSON.parse(first) as { readonly versions: Readonly<Record<string, string | null>> };
const found = new Map(lines.map((line) => JSON.parse(line) as Found).map((one) => [one.path, one.found]));

const peers = Object.entries(versions);
for (const { name, path } of files)
  for (const [peer, { read, detail }] of Object.entries(found.get(path) ?? {}))
    console.log(`${read ? 'read   ' : 'refused'} ${peer.padEnd(12)} ${name.padEnd(44)} ${detail}`);

const heading = peers.map(([name, version]) => (version ? `${name} ${version}` : `${name} (not here)`));
console.log(`\n| kind | files | ${heading.join(' | ')} |\n|---|---|${peers.map(() => '---|').join('')}`);
for (const kind of [...new Set(files.map((file) => file.kind))].sort()) {
  const own = files.filter((file) => file.kind === kind);
  const counts = peers.map(([name, version]) =>
    version ? own.filter(({ path }) => found.get(path)?.[name]?.read).length : '—',
  );
  console.log(`| ${kind} | ${own.length} | ${counts.join(' | ')} |`);
}
