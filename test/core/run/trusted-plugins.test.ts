import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { FileError } from '../../../core/io/files/index.js';
import { refuseUntrusted } from '../../../core/run/folder/trusted-plugins.js';
import { temporaryFolder } from '../../folders/temporary.js';

/** A folder with a run in it, a plugin beside it and one inside. */
function folders(t: Parameters<typeof temporaryFolder>[0]) {
  const cwd = temporaryFolder(t);
  const root = join(cwd, 'run');
  mkdirSync(root);
  const [beside, inside] = [join(cwd, 'beside.mjs'), join(root, 'inside.mjs')];
  for (const file of [beside, inside]) writeFileSync(file, 'throw new Error("it ran");\n');
  return { cwd, root, beside, inside };
}

test('a plugin that a run folder names is refused by its file, and named with its digest where it is trusted', async (t) => {
  const { cwd, root, beside } = folders(t);
  const refused = await t.throwsAsync(refuseUntrusted(root, [beside], cwd, { cwd }), { instanceOf: FileError });
  t.regex(refused?.message ?? '', /beside\.mjs, a program that would run; .*--trust-plugins/);
  const told: string[] = [];
  await refuseUntrusted(root, [beside], cwd, { cwd, trustPlugins: true, warn: (message) => told.push(message) });
  t.is(told.length, 1);
  t.regex(told[0] ?? '', /beside\.mjs \(SHA-256 [0-9a-f]{64}\)/);
});

test('a plugin that the own config lists is trusted without being asked for', async (t) => {
  const { cwd, root, beside } = folders(t);
  writeFileSync(join(cwd, 'repnas.config.json'), JSON.stringify({ plugins: ['./beside.mjs'] }));
  await t.notThrowsAsync(refuseUntrusted(root, [beside], cwd, { cwd }));
});

test('a plugin inside the run folder never runs, and its own config trusts nothing', async (t) => {
  const { cwd, root, beside, inside } = folders(t);
  const message = /inside\.mjs, which lies in the run folder itself/;
  await t.throwsAsync(refuseUntrusted(root, [inside], cwd, { cwd, trustPlugins: true }), { message });
  writeFileSync(join(root, 'repnas.config.json'), JSON.stringify({ plugins: [beside] }));
  await t.throwsAsync(refuseUntrusted(root, [beside], cwd, { cwd: root }), { message: /a program that would run/ });
});
