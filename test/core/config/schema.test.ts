import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { configSchema } from '../../../core/config/config-schema.js';
import { explained } from '../../../core/config/explain.js';
import { loadConfig, loadPlugins } from '../../../core/config/load.js';
import { builtInPresets } from '../../../core/config/names.js';
import { importDefault } from '../../../core/config/container/module.js';
import { load, project, REST } from './project.js';

const PLUGIN = `
import { defineObserver, definePlugin } from 'repnas';
import { z } from 'zod';
const options = z.strictObject({ everySecond: z.boolean().default(false).describe('only each second event') });
const watcher = defineObserver({ name: 'watcher', summary: 'watches', options, start: () => ({ next() {}, complete() {} }) });
export default definePlugin({ name: 'watchers', apiVersion: 1, setup: (host) => host.add('observer', watcher) });
`;

function withPlugin(): string {
  const cwd = project({ 'watchers.mjs': PLUGIN, 'repnas.config.json': { ...REST, plugins: ['./watchers.mjs'] } });
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(resolve('.'), join(cwd, 'node_modules/repnas'));
  symlinkSync(resolve('node_modules/zod'), join(cwd, 'node_modules/zod'));
  return cwd;
}

test('the JSON Schema takes what the config takes and refuses what it refuses, options of plugins and branch ops included', async (t) => {
  const { registry, problems } = await loadPlugins(undefined, { cwd: withPlugin() });
  t.deepEqual(problems, []);
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(configSchema(registry) as object);
  const takes = (config: object): boolean => validate(config);
  for (const config of [
    {},
    { $schema: './schema.json', extends: ['repnas:quickstart', { seed: 1 }], plugins: './watchers.mjs' },
    { backbone: 'vgg', strategy: { name: 'repnas' }, baseline: false, engine: 'auto' },
    { backbone: { name: 'vgg', depth: 11, width: 0.5 }, importance: { learningRate: 0.1 } },
    { searchSpace: { branches: ['conv-kxk', { name: 'conv-1x1-kxk', innerWidth: 2 }] } },
    { observers: ['jsonl', { name: 'watcher', everySecond: true }], out: null, train: { batchSize: null } },
  ]) {
    t.true(takes(config), JSON.stringify([config, validate.errors]));
  }
  for (const config of [
    { sed: 1 },
    { strategy: 'repnass' },
    { backbone: { name: 'vgg', dept: 11 } },
    { backbone: { width: 0.5 } },
    { searchSpace: { branches: [{ name: 'conv-1x1-kxk', inerWidth: 2 }] } },
    { searchSpace: { branches: ['conv-3x3'] } },
    { observers: [{ name: 'watcher', everySecond: 1 }] },
    { train: { batchSize: 'many' } },
  ]) {
    t.false(takes(config), JSON.stringify(config));
  }
});

test('an editor is told what each option is for', async (t) => {
  const { registry } = await loadPlugins(undefined, { cwd: withPlugin() });
  const text = JSON.stringify(configSchema(registry));
  t.true(text.includes('only each second event'));
  // Checkpoints name their families, configs do not.
  const named = registry.all().filter(({ kind }) => kind !== 'checkpoint-family');
  for (const { part } of named) t.true(text.includes(JSON.stringify(part.summary).slice(1, -1)), part.name);
});

test('every built-in preset is right by the schema, and loads', async (t) => {
  const { registry } = await loadPlugins({ ...REST });
  const validate = new Ajv2020({ strict: false }).compile(configSchema(registry) as object);
  for (const name of builtInPresets()) {
    const values = await importDefault(resolve('dist/presets', `${name.slice('repnas:'.length)}.js`));
    t.true(validate(values), `${name}: ${JSON.stringify(validate.errors)}`);
    await t.notThrowsAsync(loadConfig({ extends: name, dataset: { name: 'synthetic' }, backbone: 'vgg' }), name);
  }
});

test('a resolved config is explained key by key, and loads to itself', async (t) => {
  const loaded = await load({ 'repnas.config.json': { ...REST, train: { dropout: 0.3 } } }, undefined, {
    set: ['seed=4'],
  });
  const lines = explained(loaded).trim().split('\n');
  const line = (key: string) => lines.find((one) => one.startsWith(`${key} = `)) ?? '';
  t.regex(line('train.dropout'), /^train\.dropout = 0\.3 +# .*repnas\.config\.json$/);
  t.regex(line('seed'), /^seed = 4 +# --set seed=4$/);
  t.regex(line('train.batchSize'), /^train\.batchSize = 256 +# default$/);
  t.regex(line('backbone.depth'), /^backbone\.depth = 16 +# default$/, "the part's own default");
  const again = await loadConfig(loaded.config, { resolved: true });
  t.deepEqual(again.config, loaded.config);
});
