import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadComparison } from '../../../../core/app/compare/load.js';
import { comparisonJsonSchema } from '../../../../core/app/compare/schema.js';
import { ConfigError } from '../../../../core/config/problem.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { COMPARISON } from './tiny.js';

function write(folder: string, comparison: object): string {
  writeFileSync(join(folder, 'comparison.json'), JSON.stringify(comparison));
  return 'comparison.json';
}

const load = (cwd: string, comparison: object, options: { set?: string[]; seeds?: number | number[] } = {}) =>
  loadComparison(write(cwd, comparison), { cwd, set: options.set ?? [], seeds: options.seeds });

test('entrants of one seed run with that seed, and whole seeds come first', async (t) => {
  const { trials } = await load(temporaryFolder(t), COMPARISON);
  const names = Object.keys(COMPARISON.entrants);
  t.deepEqual(
    trials.map(({ name, config }) => [name, (config as { seed: number }).seed]),
    [0, 1].flatMap((seed) => names.map((name) => [`${name}-${seed}`, seed])),
  );
});

test('seeds are three unless something else is said, by the comparison or by its caller', async (t) => {
  const folder = temporaryFolder(t);
  const { seeds: _, ...without } = COMPARISON;
  t.deepEqual((await load(folder, without)).seeds, [0, 1, 2]);
  t.deepEqual((await load(folder, COMPARISON)).seeds, [0, 1]);
  t.deepEqual((await load(folder, COMPARISON, { seeds: [5, 7] })).seeds, [5, 7]);
});

test("a trial runs without a terminal's observer, and with a file of events whatever the entrant asks for", async (t) => {
  const folder = temporaryFolder(t);
  const shared = { ...COMPARISON.shared, observers: ['csv', 'console'] };
  const { trials } = await load(folder, { ...COMPARISON, shared });
  const { observers } = trials[0]!.config as { observers: { name: string }[] };
  t.deepEqual(
    observers.map(({ name }) => name),
    ['csv', 'jsonl'],
  );
});

test('the problems of all entrants are told at once, under their names', async (t) => {
  const folder = temporaryFolder(t);
  const entrants = {
    plain: { strategy: 'plian' },
    repnas: { train: { batchSize: 'many' } },
    good: { strategy: 'plain' },
  };
  const error = await t.throwsAsync(load(folder, { ...COMPARISON, entrants, against: ['godo'] }), {
    instanceOf: ConfigError,
  });
  const paths = (error as ConfigError).problems.map(({ path }) => path);
  t.deepEqual(paths, ['against', 'entrants.plain: strategy', 'entrants.repnas: train.batchSize']);
  t.regex(error?.message ?? '', /Did you mean good\?/);
});

test('what the comparison decides itself cannot be set', async (t) => {
  const folder = temporaryFolder(t);
  await t.throwsAsync(load(folder, COMPARISON, { set: ['seed=4'] }), { message: /seed[\s\S]*give --seeds/ });
  await t.throwsAsync(load(folder, COMPARISON, { set: ['out=x'] }), { message: /give --out/ });
});

test('one entrant is no comparison, and a file that is none is told by its keys', async (t) => {
  const folder = temporaryFolder(t);
  const message = (comparison: object) => load(folder, comparison).then(String, (error: Error) => error.message);
  t.regex(await message({ entrants: { plain: {} } }), /at least two entrants/);
  t.regex(await message({ ...COMPARISON, entrant: {} }), /entrant[\s\S]*Did you mean entrants\?/);
  t.regex(await message({ ...COMPARISON, seeds: [1, 1] }), /seeds[\s\S]*each seed once/);
  t.regex(await message({ shared: {} }), /at least two entrants/);
  t.true('extends' in (comparisonJsonSchema().properties ?? {}));
  t.regex(await loadComparison('repnas:no-such', { cwd: folder, set: [] }).then(String, String), /repnas:no-such/);
});

test('a comparison stands on another: shared settings and entrants are laid over it, seeds replace its own', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'base.json'), JSON.stringify(COMPARISON));
  const { entrants, seeds } = await load(folder, {
    extends: './base.json',
    shared: { train: { batchSize: 8 } },
    entrants: { repnas: { seed: 3, budget: { branches: 11 } }, dbb: { strategy: 'dbb' } },
    seeds: [4],
  });
  t.deepEqual(
    entrants.map(({ name }) => name),
    ['plain', 'random', 'repnas', 'dbb'],
  );
  t.deepEqual(seeds, [4]);
  t.true(entrants.every(({ loaded }) => loaded.config.train.batchSize === 8));
  t.true(entrants.every(({ loaded }) => loaded.config.dataset.name === 'synthetic'));
  const { config } = entrants[2]!.loaded;
  t.deepEqual(config.budget, { branches: 11 });
  t.is((config.importance as { learningRate?: number }).learningRate, 0.05);
  t.deepEqual((await load(folder, { extends: './base.json' })).seeds, [0, 1]);
});

test('a comparison stands on none that is not there, lies elsewhere or stands on it', async (t) => {
  const folder = temporaryFolder(t);
  const message = (parent: string) => load(folder, { extends: parent }).then(String, (error: Error) => error.message);
  t.regex(await message('./none.json'), /extends[\s\S]*"\.\/none\.json"[\s\S]*a comparison: repnas:NAME/);
  t.regex(await message('./comparison.json'), /extends[\s\S]*a comparison that does not stand on this one/);
  const other = temporaryFolder(t);
  writeFileSync(join(other, 'base.json'), JSON.stringify(COMPARISON));
  t.regex(await message(join(other, 'base.json')), /extends[\s\S]*the path of a file in the same folder/);
});

const presets = readdirSync('presets/comparisons').map((file) => file.replace(/\.ts$/, ''));

for (const preset of presets) {
  test(`the comparison repnas:${preset} holds together`, async (t) => {
    // The digits of the quickstart come with a package; every other set lies in a folder.
    const set = preset === 'quickstart' ? [] : [`dataset.path=${JSON.stringify(temporaryFolder(t))}`];
    const { trials, entrants, seeds } = await loadComparison(`repnas:${preset}`, { cwd: '.', set });
    t.is(trials.length, entrants.length * seeds.length);
    t.true(entrants.length >= 2);
  });
}

test('an entrant with a matrix stands for every combination of its values', async (t) => {
  const entrants = {
    plain: { strategy: 'plain' },
    random: { strategy: 'random', matrix: { 'budget.branches': [5, 9], 'train.gamma': [1, '1/branches'] } },
  };
  const { entrants: loaded } = await load(temporaryFolder(t), { ...COMPARISON, entrants });
  t.deepEqual(
    loaded
      .map(({ name, loaded: { config } }) => [name, config.strategy.name, config.budget, config.train.gamma])
      .slice(1),
    [
      ['random-5-1', 'random', { branches: 5 }, 1],
      ['random-5-1-branches', 'random', { branches: 5 }, '1/branches'],
      ['random-9-1', 'random', { branches: 9 }, 1],
      ['random-9-1-branches', 'random', { branches: 9 }, '1/branches'],
    ],
  );
});

test('a matrix that makes no config, or one name twice, is refused', async (t) => {
  const folder = temporaryFolder(t);
  const refused = (entrant: object) =>
    t.throwsAsync(load(folder, { ...COMPARISON, entrants: { 'a-1': { strategy: 'plain' }, a: entrant } }), {
      instanceOf: ConfigError,
    });
  t.regex(
    (await refused({ strategy: 'plain', matrix: { seed: [1] } }))?.message ?? '',
    /two entrants would be called a-1/,
  );
  t.regex((await refused({ strategy: 'plain', matrix: {} }))?.message ?? '', /at least one key/);
  t.regex(
    (await refused({ strategy: 'plain', matrix: { 'train.batchSize': ['many'] } }))?.message ?? '',
    /a-many: train\.batchSize/,
  );
});

test('entrants may be named in camel case; of other names it is said what one may be', async (t) => {
  const folder = temporaryFolder(t);
  const named = (name: string) => ({
    ...COMPARISON,
    entrants: { ...COMPARISON.entrants, [name]: { strategy: 'plain' } },
  });
  t.is((await load(folder, named('plainAgain'))).entrants.at(-1)?.name, 'plainAgain');
  await t.throwsAsync(load(folder, named('../plain')), { message: /a name of letters and digits, joined by hyphens/ });
});
