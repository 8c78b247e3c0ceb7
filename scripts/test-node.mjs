// Runs tests under another version of Node.js, whose binary comes from the npm registry: `npm run test:node -- 24 [test files]`.
// The files are compiled ones (dist/test/…); by default all that `npm test` runs.
import { execFileSync, spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

const [version, ...files] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(version ?? ''))
  throw new Error(`expected a version of Node.js, as in \`npm run test:node -- 24\`; found ${version ?? 'none'}`);
const root = join(import.meta.dirname, '..');
const folder = join(root, 'node_modules', '.cache', `repnas-node-${version}`);
const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const quiet = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
execFileSync('npm', ['install', '--prefix', folder, ...quiet, `${name}@${version}`], { stdio: 'inherit' });
// Processes that tests start by the name `node` are of the same version.
const bin = join(folder, 'node_modules', name, 'bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };
const ava = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');
const { status } = spawnSync(join(bin, 'node'), [ava, ...files], { stdio: 'inherit', cwd: root, env });
process.exitCode = status ?? 1;
