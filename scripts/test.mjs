// Runs the tests of source paths: `npm test -- core/run/folder test/core/config/sources.test.ts -m '*lock*'`. A folder or file of
// core, plugins, presets or scripts stands for the tests beside it in `test`; a path in `test` for itself. A slow test runs when it is
// named. Without a path all fast tests run; other arguments go to AVA.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';

const root = join(import.meta.dirname, '..');
process.chdir(root);

/** Pattern of the compiled tests for a source path; undefined for an argument that is no such path. */
function testsOf(argument) {
  const path = posix.normalize(argument.replaceAll(sep, '/')).replace(/\/$/, '');
  if (!/^(test|core|plugins|presets|scripts)(\/|$)/.test(path) || !existsSync(path)) return undefined;
  if (path.endsWith('.test.ts')) return `dist/${path.replace(/\.ts$/, '.js')}`;
  let folder = statSync(path).isDirectory() ? path : dirname(path);
  if (!folder.startsWith('test')) folder = `test/${folder}`;
  while (!existsSync(folder)) folder = dirname(folder);
  return `dist/${folder}/**/*.test.js`;
}

function ava(...args) {
  const cli = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');
  return spawnSync(process.execPath, [cli, ...args], { stdio: 'inherit' }).status ?? 1;
}

const given = process.argv.slice(2);
const patterns = given.flatMap((argument) => testsOf(argument) ?? []);
const others = given.filter((argument) => testsOf(argument) === undefined);
const slow = patterns.filter((pattern) => pattern.endsWith('.slow.test.js'));
const fast = patterns.filter((pattern) => !slow.includes(pattern));
const codes = [];
if (fast.length > 0 || slow.length === 0) codes.push(ava(...others, ...fast));
if (slow.length > 0) codes.push(ava('--config', 'slow.ava.config.mjs', ...others, ...slow));
process.exitCode = Math.max(...codes);
