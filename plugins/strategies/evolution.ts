import { z } from 'zod';
import { defineStrategy, type Probe, type Phase, type StrategyContext } from '../../core/contracts/index.js';
import { architectureOf } from './architecture.js';
import { mutate } from './mutate.js';
import { FROZEN } from './phases.js';
import { randomMasks } from './random-mask.js';

// Population and sample: Real et al. 2019, section 3. Evaluations: Guo et al. 2020, 20 generations of 50.
const options = z
  .strictObject({
    population: z.int().min(2).default(100).describe('masks alive at a time'),
    sample: z.int().min(1).default(25).describe('times that a mask is drawn to compete for having a child'),
    evaluations: z.int().min(2).default(1000).describe('masks that are measured, the first population included'),
  })
  .superRefine(({ population, sample, evaluations }, problems) => {
    const refuse = (key: string, message: string) => problems.addIssue({ code: 'custom', path: [key], message });
    if (sample > population) refuse('sample', `at most population, ${population}`);
    if (evaluations < population) refuse('evaluations', `at least population, ${population}`);
  });

type Options = z.output<typeof options>;

interface Individual {
  readonly mask: Uint8Array;
  readonly accuracy: number;
}

/**
 * Regularised evolution (Real et al. 2019, algorithm 1) over masks with inherited weights (Guo et al. 2020): a supernet is
 * trained on uniformly drawn masks within the budget; then, with its weights as they are, the oldest mask makes way for a
 * changed copy of the best of a few. The best mask ever measured is trained on.
 */
export const evolution = defineStrategy({
  name: 'evolution',
  summary: 'regularised evolution over masks, measured with the weights of a supernet (needs a validation split)',
  options,
  usesImportance: false,
  usesBudget: true,
  budgetIn: 'costs',
  needsValidation: true,
  phases: ({ warmUp, search, frozen }): Phase[] => [
    { name: 'supernet', epochs: warmUp + search, searches: false },
    { name: FROZEN, epochs: frozen, searches: false },
  ],
  start: (context, chosen) => {
    const { gates, spaces, random } = context;
    const draw = randomMasks(context);
    const drawn = (name: string, index: number): Uint8Array => draw(random.stream(name, index));
    let best = drawn('evolution:first', 0);
    return {
      select: ({ phase, step }) => ({ mask: phase.name === FROZEN ? best : drawn('evolution:masks', step) }),
      beforePhase: async (phase, probe) => {
        if (phase.name !== FROZEN) return undefined;
        best = await evolve(context, chosen, probe, (index) => drawn('evolution:first', index));
        return architectureOf(best, gates, spaces);
      },
      architecture: () => architectureOf(best, gates, spaces),
      save: () => ({ arrays: { best: best.slice() }, values: {} }),
      restore: ({ arrays }) => {
        const saved = arrays['best'];
        if (saved?.length !== gates.length) {
          throw new Error(`the saved evolution has a mask of ${saved?.length ?? 'no'} gates; expected ${gates.length}`);
        }
        best = Uint8Array.from(saved);
      },
    };
  },
});

/** The best mask of all measured ones. Depends on the weights and the seed alone, so that a resumed run finds it again. */
async function evolve(
  context: StrategyContext,
  { population, sample, evaluations }: Options,
  probe: Probe,
  first: (index: number) => Uint8Array,
): Promise<Uint8Array> {
  const measured = new Map<string, number>();
  const measure = async (mask: Uint8Array): Promise<Individual> => {
    const key = mask.join('');
    const accuracy = measured.get(key) ?? (await probe.evaluate(mask)).accuracy;
    measured.set(key, accuracy);
    return { mask, accuracy };
  };
  const alive: Individual[] = [];
  for (let index = 0; index < population; index++) {
    alive.push(await measure(first(index)));
  }
  let best = alive.reduce(better);
  for (let born = population; born < evaluations; born++) {
    const stream = context.random.stream('evolution:child', born);
    const competitors = Array.from({ length: sample }, () => alive[stream.integer(population)] as Individual);
    const child = await measure(mutate(competitors.reduce(better).mask, context, stream));
    best = better(best, child);
    alive.push(child);
    alive.shift();
  }
  return best.mask;
}

/** The first one where both are as good. */
const better = (a: Individual, b: Individual): Individual => (b.accuracy > a.accuracy ? b : a);
