import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { createProgram } from '../../core/app/cli/program.js';
import { createRun } from '../../core/run/run.js';
import { temporaryFolder, tiny } from '../core/run/tiny.js';

const readme = readFileSync('README.md', 'utf8');

/** The code blocks of a language, in order. */
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code = '']) => code);

test("the README's branch op is at most 40 lines, is found in a config, searched with and folded", async (t) => {
  const source = blocks('js').find((code) => code.includes('defineBranchOp')) ?? '';
  t.true(source.trim().split('\n').length <= 40);
  const config = JSON.parse(blocks('json')[0] ?? '{}') as Record<string, unknown>;
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/repnas'));
  symlinkSync(resolve('node_modules/zod'), join(folder, 'node_modules/zod'));
  writeFileSync(join(folder, 'conv-inner.mjs'), source);
  const { extends: _, ...own } = config;
  const run = createRun({ ...tiny(folder), ...own, budget: { keptRatio: 1 } }, { cwd: folder, interactive: false });
  const { main } = await run.done;
  t.is(main.kept['conv-inner'], 8);
  t.true(main.certificate.passed);
});

test("the README's config is a config", async (t) => {
  const source = blocks('js').find((code) => code.includes('repnas.config.mjs')) ?? '';
  const folder = temporaryFolder();
  const file = join(folder, 'repnas.config.mjs');
  writeFileSync(file, source);
  const { loadConfig } = await import('../../core/config/load.js');
  const { config } = await loadConfig(undefined, { cwd: folder });
  t.deepEqual(config.budget, { branches: 44 });
  t.is(config.seed, 1);
});

test('the README tells of every command', async (t) => {
  const program = await createProgram();
  const told = [...readme.matchAll(/^\| `repnas ([a-z]+)/gm)].map(([, name]) => name);
  t.deepEqual([...new Set(told)].sort(), program.commands.map((command) => command.name()).sort());
});
