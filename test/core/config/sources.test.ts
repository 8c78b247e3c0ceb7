import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { loadConfig } from '../../../core/config/load.js';
import { load, problemsOf, project, REST } from './project.js';

const FORMS: Readonly<Record<string, string | object>> = {
  'repnas.config.ts': `type Seed = number; enum Which { A = 5 } export default { dataset: 'synthetic', backbone: 'vgg', seed: Which.A as Seed };`,
  'repnas.config.mts': `const seed: number = 5; export default { dataset: 'synthetic', backbone: 'vgg', seed };`,
  'repnas.config.mjs': `export default { dataset: 'synthetic', backbone: 'vgg', seed: 5 };`,
  'repnas.config.cjs': `module.exports = { dataset: 'synthetic', backbone: 'vgg', seed: 5 };`,
  'repnas.config.json': { ...REST, seed: 5 },
  'repnas.config.yaml': 'dataset: synthetic\nbackbone: vgg\nseed: 5\n',
  'repnas.config.yml': 'dataset: synthetic\nbackbone: { name: vgg }\nseed: 5\n',
  '.repnasrc': 'dataset: synthetic\nbackbone: vgg\nseed: 5\n',
  'package.json': { name: 'x', repnas: { ...REST, seed: 5 } },
};

for (const [file, content] of Object.entries(FORMS)) {
  test(`a config in ${file} is found, and named as the origin of its keys`, async (t) => {
    const cwd = project({ [file]: content });
    const { config, origins, files } = await loadConfig(undefined, { cwd });
    t.is(config.seed, 5);
    t.deepEqual(files, [join(cwd, file)]);
    t.is(origins.get('seed'), join(cwd, file));
    t.is(origins.get('out'), undefined, 'a default has no origin');
  });
}

test('a config in repnas.config.js is what its package says it is', async (t) => {
  const esm = { 'package.json': { type: 'module' }, 'repnas.config.js': FORMS['repnas.config.mjs'] };
  const cjs = { 'package.json': { type: 'commonjs' }, 'repnas.config.js': FORMS['repnas.config.cjs'] };
  for (const files of [esm, cjs]) t.is((await load(files)).config.seed, 5);
});

test('a TypeScript config imports other TypeScript, and the package itself', async (t) => {
  const cwd = project({
    'repnas.config.ts': `
      import { defineConfig } from 'repnas';
      import { seed } from './seed';
      export default defineConfig({ dataset: 'synthetic', backbone: 'vgg', seed });`,
    'seed.ts': 'export const seed: number = 41 + 1;',
  });
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(resolve('.'), join(cwd, 'node_modules/repnas'));
  t.is((await loadConfig(undefined, { cwd })).config.seed, 42);
});

test('a config is looked for upwards, within its project', async (t) => {
  const cwd = project({
    'package.json': {},
    'repnas.config.json': { ...REST, seed: 5 },
    'deep/down/file.txt': '',
    'other/package.json': {},
  });
  t.is((await loadConfig(undefined, { cwd: join(cwd, 'deep/down') })).config.seed, 5);
  const [problem] = await problemsOf(loadConfig(undefined, { cwd: join(cwd, 'other') }));
  t.is(problem?.code, 'missing');
  t.regex(problem?.expected ?? '', /repnas\.config\.ts/);
});

test('extends is laid left to right, own keys over it, settings on top, and each key knows where it came from', async (t) => {
  const cwd = project({
    'a.json': { ...REST, seed: 1, train: { batchSize: 8, dropout: 0.5, labelSmoothing: 0.1 } },
    'deep/b.json': { extends: './c.json', seed: 2, train: { dropout: 0.4 } },
    'deep/c.json': { out: 'from-c', train: { clip: 1 } },
    'repnas.config.json': {
      extends: ['./a.json', './deep/b', { augment: { flip: true } }],
      train: { labelSmoothing: 0.2 },
    },
  });
  const { config, origins } = await loadConfig(undefined, { cwd, set: ['train.batchSize=16', 'seed=3'] });
  const { batchSize, dropout, labelSmoothing, clip } = config.train;
  t.deepEqual([config.seed, config.out, config.augment.flip], [3, 'from-c', true]);
  t.deepEqual(
    { batchSize, dropout, labelSmoothing, clip },
    { batchSize: 16, dropout: 0.4, labelSmoothing: 0.2, clip: 1 },
  );
  const at = (path: string) => origins.get(path)?.replace(`${cwd}/`, '');
  t.deepEqual(
    ['seed', 'out', 'train.dropout', 'train.clip', 'train.labelSmoothing', 'augment.flip', 'backbone.name'].map(at),
    [
      '--set seed=3',
      'deep/c.json',
      'deep/b.json',
      'deep/c.json',
      'repnas.config.json',
      'repnas.config.json, extends.2',
      'a.json',
    ],
  );
});

test('lists replace, another name drops the options of the other part, null goes back to the default', async (t) => {
  const base = {
    ...REST,
    backbone: { name: 'vgg', depth: 11, width: 0.5 },
    export: ['tfjs', 'onnx'],
    budget: { keptRatio: 0.5 },
    train: { optimizer: { name: 'sgd', momentum: 0.5 }, batchSize: 8 },
    out: 'elsewhere',
  };
  const over = (own: object) => load({ 'base.json': base }, { extends: './base.json', ...own });
  const { config } = await over({
    backbone: { width: 0.25 },
    export: ['onnx'],
    budget: { branches: 20 },
    train: { optimizer: { name: 'adam' } },
    out: null,
  });
  t.deepEqual(config.backbone, { name: 'vgg', depth: 11, width: 0.25 });
  t.deepEqual(config.export, [{ name: 'onnx', precision: 'float32' }]);
  t.deepEqual(config.budget, { branches: 20 }, 'the two budgets exclude each other');
  t.is(config.train.optimizer.name, 'adam');
  t.false('momentum' in config.train.optimizer);
  t.deepEqual([config.train.batchSize, config.out], [8, 'runs']);
  t.deepEqual((await over({ backbone: 'cifar-quick' })).config.backbone['depth'], undefined);
  t.deepEqual((await over({ train: null })).config.train.batchSize, 256);
  t.deepEqual((await over({ train: { optimizer: null } })).config.train.optimizer.name, 'sgd');
});

test('presets and plugins come from node_modules, scoped and unscoped, short and full, beside the file that lists them first', async (t) => {
  const preset = (seed: number) => ({ 'package.json': { main: 'index.json' }, 'index.json': { ...REST, seed } });
  const inside = (folder: string, files: object) =>
    Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));
  const plugin = (name: string) => ({
    'package.json': { name, version: '1.2.3', type: 'module', exports: './index.js' },
    'index.js': `export default { name: '${name}', apiVersion: 1, setup() {} };`,
  });
  const cwd = project({
    ...inside('node_modules/repnas-preset-quick', preset(1)),
    ...inside('node_modules/@lab/repnas-preset-quick', preset(2)),
    ...inside('node_modules/@lab/repnas-preset', preset(3)),
    ...inside('node_modules/plain-name', preset(4)),
    ...inside('inner/node_modules/repnas-preset-quick', preset(5)),
    'inner/own.json': { extends: 'quick' },
    ...inside('node_modules/repnas-plugin-one', plugin('repnas-plugin-one')),
    ...inside('node_modules/@lab/repnas-plugin-two', plugin('@lab/repnas-plugin-two')),
    'inner/plugin.mjs': `export default { name: 'own', apiVersion: 1, setup() {} };`,
    'inner/with-plugins.json': { plugins: ['./plugin.mjs', 'one', '@lab/two'] },
  });
  const seeds: Record<string, number> = {
    quick: 1,
    'repnas-preset-quick': 1,
    '@lab/quick': 2,
    '@lab/repnas-preset-quick': 2,
    '@lab': 3,
    'plain-name': 4,
    './inner/own.json': 5,
  };
  for (const [name, seed] of Object.entries(seeds)) {
    t.is((await loadConfig({ extends: name }, { cwd })).config.seed, seed, name);
  }
  const listed = {
    ...REST,
    extends: './inner/with-plugins.json',
    plugins: ['repnas-plugin-one', '@lab/repnas-plugin-two'],
  };
  const { plugins, registry } = await loadConfig(listed, { cwd });
  t.deepEqual([...new Set(plugins)].map((file) => String(file).replace(`${cwd}/`, '')).sort(), [
    'inner/plugin.mjs',
    'node_modules/@lab/repnas-plugin-two/index.js',
    'node_modules/repnas-plugin-one/index.js',
  ]);
  t.truthy(registry);
  const [missing] = await problemsOf(loadConfig({ ...REST, plugins: ['nowhere'] }, { cwd }));
  t.is(missing?.path, 'plugins.0');
  t.regex(missing?.hint ?? '', /repnas-plugin-nowhere or nowhere/);
});

test('a circle is told with its whole chain', async (t) => {
  const files = {
    'repnas.config.json': { ...REST, extends: './a.json' },
    'a.json': { extends: ['./b.yaml'] },
    'b.yaml': 'extends: ./c.mjs',
    'c.mjs': `export default { extends: './a.json' };`,
  };
  const cwd = project(files);
  const [problem, ...others] = await problemsOf(loadConfig(undefined, { cwd }));
  t.deepEqual(others, []);
  t.is(problem?.code, 'cycle');
  t.is(problem?.origin, join(cwd, 'c.mjs'));
  t.is(problem?.hint?.replaceAll(`${cwd}/`, ''), 'a.json → b.yaml → c.mjs → a.json');
});

test('a preset reached by two ways is no circle', async (t) => {
  const files = {
    'repnas.config.json': { extends: ['./a.json', './b.json'] },
    'a.json': { extends: './base.json' },
    'b.json': { extends: './base.json' },
    'base.json': { ...REST, seed: 9 },
  };
  t.is((await load(files)).config.seed, 9);
});
