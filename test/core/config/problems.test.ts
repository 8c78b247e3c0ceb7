import test from 'ava';
import { ConfigError } from '../../../core/config/problem.js';
import { load, problemsOf, REST } from './project.js';

const problems = (config: object, options?: { readonly set?: readonly string[] }) =>
  problemsOf(load({ 'repnas.config.json': { ...REST, ...config } }, undefined, options));

test('everything wrong is told at once: key, file, what was found, what was expected, the nearest known key', async (t) => {
  const found = await problems({
    strategy: 'repnass',
    bugdet: { branches: 9 },
    backbone: { name: 'vgg', dept: 11, width: -1 },
    train: { batchSize: 'many', epochs: { warmup: 1 }, optimizer: { name: 'adm' } },
    searchSpace: { branches: ['conv-kxk', 'conv-3x3', { name: 'conv-1x1-kxk', inerWidth: 2 }] },
    observers: ['jsonl', 'progress'],
    plugins: ['./none.js'],
  });
  const told = Object.fromEntries(found.map(({ path, expected, hint }) => [path, hint ?? expected]));
  t.is(told['strategy'], 'Did you mean repnas?');
  t.is(told['bugdet'], 'Did you mean budget?');
  t.is(told['backbone.dept'], 'Did you mean depth?');
  t.is(told['backbone.width'], 'more than 0');
  t.is(told['train.batchSize'], 'a number');
  t.is(told['train.epochs.warmup'], 'Did you mean warmUp?');
  t.is(told['train.optimizer.name'], 'Did you mean adam?');
  t.regex(told['searchSpace.branches.1'] ?? '', /Did you mean conv-/);
  t.is(told['searchSpace.branches.2.inerWidth'], 'Did you mean innerWidth?');
  t.regex(told['plugins.0'] ?? '', /There is no file .*none\.js/);
  t.true('observers.1' in told);
  t.true(found.every(({ origin }) => origin?.endsWith('repnas.config.json')));
  const { message } = new ConfigError(found);
  t.regex(
    message,
    /^11 problems in the config\n\n {2}\S+ {2}\(.*repnas\.config\.json\)\n {4}found {5}.*\n {4}expected {2}/,
  );
});

test('where an object belongs its keys are told, and how a name is written as one', async (t) => {
  const found = await problems({ train: { epochs: 10, optimizer: 'adamw' } });
  const told = Object.fromEntries(found.map(({ path, expected, hint }) => [path, [expected, hint]]));
  t.deepEqual(told['train.epochs'], ['an object with some of the keys warmUp, search, frozen', undefined]);
  t.regex(told['train.optimizer']?.[0] ?? '', /^an object with some of the keys name, learningRate, /);
  t.is(told['train.optimizer']?.[1], 'Did you mean { "name": "adamw" }?');
});

test('a key in the wrong place is sent to the right one', async (t) => {
  const [problem] = await problems({ batchSize: 8 });
  t.is(problem?.hint, 'Did you mean train.batchSize?');
});

test('a value on the command line is told as such', async (t) => {
  const found = await problems({}, { set: ['train.batchSize=none', 'plugins=./x.js', '=3', 'seed=[', 'extends=x'] });
  t.deepEqual(
    found.map(({ path, code }) => [path, code]),
    [
      ['plugins', 'refused'],
      ['', 'invalid-value'],
      ['seed', 'unreadable'],
      ['extends', 'refused'],
      ['train.batchSize', 'invalid-value'],
    ],
  );
  t.is(found.at(-1)?.origin, '--set train.batchSize=none');
});

test('nothing in a config reaches the prototype of an object', async (t) => {
  const hostile =
    '{"__proto__": {"polluted": 1}, "train": {"constructor": {"prototype": {"polluted": 1}}, "__proto__": {"clip": 1}}}';
  const yaml = '__proto__: { polluted: 1 }\ntrain: { prototype: { polluted: 1 } }\n';
  for (const [file, content] of Object.entries({ 'evil.json': hostile, 'evil.yaml': yaml })) {
    const found = await problemsOf(load({ [file]: content }, { ...REST, extends: `./${file}` }));
    t.true(found.length >= 2 && found.every(({ code }) => code === 'refused'), file);
  }
  for (const set of [
    '__proto__.polluted=1',
    'train.constructor.prototype.polluted=1',
    'train={"__proto__": {"polluted": 1}}',
  ]) {
    const found = await problems({}, { set: [set] });
    t.deepEqual(
      found.map(({ code }) => code),
      ['refused'],
      set,
    );
  }
  const own = JSON.parse(hostile) as object;
  t.is((await problemsOf(load({}, { ...REST, ...own, ...Object.fromEntries(Object.entries(own)) }))).length >= 1, true);
  t.is(({} as { polluted?: number }).polluted, undefined);
});

test('what contains itself, explodes or is more than data is refused', async (t) => {
  const circle: Record<string, unknown> = {};
  circle['train'] = circle;
  const [first] = await problemsOf(load({}, { ...REST, train: circle }));
  t.regex(first?.found ?? '', /contains itself/);
  const [map] = await problemsOf(load({}, { ...REST, train: new Map() }));
  t.regex(map?.found ?? '', /more than data \(Map\)/);
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((key, at) => {
      const last = `*${'abcdefgh'[at]}`;
      return `${key}: &${key} [${Array(10).fill(last).join(',')}]`;
    }),
  ].join('\n');
  const [exploding] = await problemsOf(load({ 'bomb.yaml': bomb }, './bomb.yaml'));
  t.is(exploding?.code, 'unreadable');
});

test('a file that cannot be read is told with the line, and hides no problem of the others', async (t) => {
  const files = {
    'a.json': '{\n  "seed": 1,,\n}',
    'b.yaml': 'seed: 1\nseed: 2\n',
    'c.mjs': 'throw new Error("boom")',
    'd.json': '[1]',
  };
  const found = await problemsOf(load(files, { extends: ['./a.json', './b.yaml', './c.mjs', './d.json'], sed: 1 }));
  const messages = found.map(({ found }) => found).join('\n');
  t.regex(messages, /a\.json: .*JSON/);
  t.regex(messages, /b\.yaml: .*unique.* line 2/);
  t.regex(messages, /c\.mjs: boom/);
  t.true(found.some(({ path, hint }) => path === 'sed' && hint === 'Did you mean seed?'));
  t.false(
    found.some(({ code }) => code === 'missing'),
    'what a lost file would have brought is not missing',
  );
});

test('a budget or an estimator beside a strategy without use for it is refused; one of a shared recipe is not', async (t) => {
  const [problem] = await problems({ strategy: 'plain', budget: { branches: 9 } });
  t.is(problem?.path, 'budget');
  t.regex(problem?.expected ?? '', /strategy plain, which does not use it/);
  const shared = { 'recipe.json': { ...REST, budget: { branches: 9 } } };
  await t.notThrowsAsync(load(shared, { extends: './recipe.json', strategy: 'plain' }));
});
