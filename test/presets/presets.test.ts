import test from 'ava';
import { loadConfig } from '../../core/config/load.js';
import { createRandomSource } from '../../core/train/random/index.js';
import { type Candidate, createCandidate } from '../../core/run/candidate.js';
import { comparisonPresets, entrantsOf, isRecipe, isToy, runPresets, standIn, unpaired } from './fit.js';

test('every preset has a toy twin, and every toy is one of something', (t) => {
  t.deepEqual(unpaired(runPresets), []);
  t.deepEqual(unpaired(comparisonPresets), []);
});

for (const name of comparisonPresets.filter((name) => !isToy(name))) {
  test(`the toy of the comparison ${name} has entrants of it, by the same names`, async (t) => {
    const all = await entrantsOf(name);
    const toys = [...(await entrantsOf(`${name}-toy`)).keys()];
    t.true(toys.length >= 3);
    t.deepEqual(
      toys.filter((entrant) => !all.has(entrant)),
      [],
    );
  });
}

/** Puts a config together around its strategy, and its baseline's, without training. */
async function assemble(source: string | object, name: string): Promise<Pick<Candidate, 'gates' | 'budget'>> {
  const { config, parts, folder } = await loadConfig(source, { cwd: '.', set: [`dataset=${standIn(name)}`] });
  const signal = new AbortController().signal;
  const warn = () => undefined;
  const dataset = await parts.dataset.definition.open(parts.dataset.options, { folder, warn, signal });
  const random = createRandomSource(config.seed);
  const candidates = [parts.strategy, ...(parts.baseline ? [parts.baseline] : [])].map((strategy) =>
    createCandidate({ config, parts, dataset, random, warn, strategy }),
  );
  for (const candidate of candidates) candidate.dispose();
  return candidates[0] as Candidate;
}

for (const name of runPresets.filter((name) => !isRecipe(name))) {
  test(`the network, space, budget and strategies of repnas:${name} fit together`, async (t) => {
    const { gates, budget } = await assemble(`repnas:${name}`, name);
    t.true(budget.asked <= gates);
  });
}

for (const name of comparisonPresets) {
  test(`every entrant of the comparison ${name} fits together`, async (t) => {
    for (const [entrant, config] of await entrantsOf(name)) {
      const { gates, budget } = await assemble(config, name);
      t.true(budget.asked <= gates, entrant);
    }
  });
}

test("RepVGG-A0 has 149 gates in the paper's space", async (t) => {
  t.deepEqual(
    await assemble('repnas:imagenet-repvgg-a0', 'imagenet-repvgg-a0').then(({ gates, budget }) => [
      gates,
      budget.asked,
    ]),
    [149, 75],
  );
});
