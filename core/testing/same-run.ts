import { expect } from './law.js';
import { firstDifference, inTemporaryFolder, runTrial, type Trial, type TrialOptions } from './trial.js';

type Same = Pick<TrialOptions, 'configs' | 'seed'>;

/** Holds a whole run to another one with the same seed, and apart from one with another. */
export async function checkSeed(first: Trial, { configs, seed }: Same): Promise<void> {
  const run = (seed: number): Promise<Trial> => inTemporaryFolder((folder) => runTrial({ configs, folder, seed }));
  const apart = firstDifference(first, await run(seed), { events: true });
  expect(apart === undefined, `two runs with seed ${seed} differ: ${apart}`);
  const same = firstDifference(first, await run(seed + 1), { events: true }) === undefined;
  expect(!same, `runs with seeds ${seed} and ${seed + 1} are the same`);
}

/** Holds a whole run to runs that were stopped and resumed. The stops come in order: the first that differs is the smallest. */
export async function checkResume(expected: Trial, { configs, seed }: Same): Promise<void> {
  const steps = expected.events.filter(({ type }) => type === 'step').length;
  for (const stopAfter of new Set([1, Math.ceil(steps / 2), steps - 1])) {
    const resumed = await inTemporaryFolder(async (folder) => {
      await runTrial({ configs, folder, seed, stopAfter });
      return runTrial({ configs, folder, seed, resume: true });
    });
    const apart = firstDifference(expected, resumed, { events: false });
    expect(apart === undefined, `stopped after step ${stopAfter} of ${steps} and resumed, it differs: ${apart}`);
  }
}
