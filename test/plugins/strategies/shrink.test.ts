import test from 'ava';
import type { Architecture } from '../../../core/contracts/index.js';
import { createRun } from '../../../core/run/run.js';
import { temporaryFolder } from '../../core/run/tiny.js';

/** A run on three blocks of 7, 6 and 6 branches, and what it had after each change. */
async function shrunk(config: object): Promise<{ readonly found: Architecture[]; readonly accuracy: number }> {
  const { events$, done } = createRun(
    {
      strategy: 'shrink',
      importance: 'fisher',
      dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 24, test: 6 },
      backbone: { name: 'cifar-quick', kernelSize: 3, width: 0.125 },
      train: { epochs: { warmUp: 1, search: 2, frozen: 1 }, batchSize: 8 },
      budget: { branches: 6 },
      engine: 'cpu',
      observers: [],
      export: [],
      out: temporaryFolder(),
      ...config,
    },
    { interactive: false },
  );
  const found: Architecture[] = [];
  events$.subscribe({
    next: (event) => void (event.type === 'architecture' && found.push(event.architecture)),
    error: () => undefined,
  });
  const { main } = await done;
  return { found, accuracy: main.accuracy.fused };
}

const count = (architecture: Architecture): number =>
  Object.values(architecture).reduce((sum, branches) => sum + branches.length, 0);

/** Counts without repetition: a phase that begins tells of its branches again. */
const steps = (found: readonly Architecture[]): number[] => [...new Set(found.map(count))];

test.serial('shrink begins with every branch, and comes to its budget in equal steps over the search', async (t) => {
  const { found } = await shrunk({});
  const all = count(found[0] as Architecture);
  t.deepEqual(steps(found), [all, Math.round(all - (all - 6) / 2), 6]);
  for (const architecture of found)
    for (const branches of Object.values(architecture)) t.true(branches.includes('conv-kxk'));
});

test.serial('shrink without an epoch of search meets its budget before the last phase', async (t) => {
  const trained = await shrunk({ train: { epochs: { warmUp: 1, search: 0, frozen: 1 }, batchSize: 8 } });
  t.is(count(trained.found.at(-1) as Architecture), 6);
  const untrained = await shrunk({ train: { epochs: { warmUp: 0, search: 0, frozen: 1 }, batchSize: 8 } });
  t.is(count(untrained.found.at(-1) as Architecture), 6);
});

test.serial('shrink refuses blocks without a KxK branch, and budgets that cannot keep one in each', async (t) => {
  const searchSpace = { name: 'per-block', branches: ['conv-1x1', 'conv-1xk', 'conv-kx1'] };
  await t.throwsAsync(shrunk({ searchSpace }), { message: /conv-kxk, which block conv1 does not have/ });
  await t.throwsAsync(shrunk({ budget: { branches: 2 } }), { message: /takes 3 gates; the budget is 2/ });
});

test.serial('shrink keeps a budget of training multiply-adds, memory or time', async (t) => {
  for (const budget of [{ trainingMacs: 1.5 }, { trainingMemory: 2 }, { trainingTime: 2 }]) {
    const { found } = await shrunk({ budget });
    const [first, last] = [found[0] as Architecture, found.at(-1) as Architecture];
    t.true(count(last) < count(first) && count(last) > 3, JSON.stringify(budget));
  }
  await t.throwsAsync(shrunk({ budget: { trainingMacs: 0.5 } }), {
    message: /conv-kxk in every block, which takes 2.00 times/,
  });
  await t.throwsAsync(shrunk({ budget: { trainingMacs: 40 } }), {
    message: /budget.trainingMacs is 40 times the plain network's; expected between 0.00, without any gate, and \d/,
  });
});
