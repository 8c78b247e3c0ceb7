import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { temporaryFolder } from '../core/run/tiny.js';
import { LanguageServer } from './language-server.js';

const PLUGIN = `
import { API_VERSION, defineObserver, definePlugin } from 'repnas';
import { z } from 'zod';
const watcher = defineObserver({
  name: 'watcher',
  summary: 'watches',
  options: z.strictObject({ everySecond: z.boolean().default(false) }),
  start: () => ({ next: () => undefined, complete: () => undefined }),
});
export default definePlugin({
  name: 'watchers',
  apiVersion: API_VERSION,
  setup: (host) => host.add('observer', watcher),
});
`;

const config = (body: string): string => `
import { defineConfig } from 'repnas';
import watchers from './watchers.js';
export default defineConfig({ plugins: [watchers], ${body} });
`;

test('an editor completes names and options of the built-in parts and of the plugins that a config lists', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/repnas'));
  symlinkSync(resolve('node_modules/zod'), join(folder, 'node_modules/zod'));
  const compilerOptions = { module: 'nodenext', strict: true, noEmit: true };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'watchers.ts'), PLUGIN);
  const file = join(folder, 'repnas.config.ts');
  writeFileSync(file, config(''));
  const server = new LanguageServer(folder);
  t.teardown(() => server.stop());
  await server.start(folder);
  const complete = (body: string): Promise<string[]> => server.complete(file, config(body));

  const has = (found: string[], expected: readonly string[], where: string): void => {
    const labels = found.map((label) => label.replace(/\?$/, ''));
    t.deepEqual(
      expected.filter((label) => !labels.includes(label)),
      [],
      where,
    );
  };
  has(await complete('|'), ['backbone', 'budget', 'dataset', 'extends', 'searchSpace', 'strategy', 'train'], 'keys');
  has(await complete("strategy: '|'"), ['repnas', 'random', 'plain'], 'names');
  has(await complete("backbone: { name: 'vgg', | }"), ['depth', 'width'], 'options of a built-in part');
  t.false((await complete("backbone: { name: 'vgg', | }")).includes('path'), 'and of no other part');
  has(await complete("observers: ['|']"), ['watcher', 'jsonl'], 'names that a plugin brings');
  has(await complete("observers: [{ name: 'watcher', | }]"), ['everySecond'], 'options that a plugin brings');
  has(
    await complete("searchSpace: { branches: [{ name: 'conv-1x1-kxk', | }] }"),
    ['innerWidth'],
    'options of a branch op',
  );
  has(await complete('train: { optimizer: { | } }'), ['learningRate', 'momentum'], 'options of the run');
});
