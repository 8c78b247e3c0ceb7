import test from 'ava';
import type { Architecture } from '../../../core/contracts/index.js';
import { createRun } from '../../../core/run/run.js';
import { temporaryFolder } from '../../core/run/tiny.js';

/** The architectures of a run of some epochs, the first one included. */
async function architectures(epochs: number, options: object): Promise<Architecture[]> {
  const { events$, done } = createRun(
    {
      strategy: { name: 'dyrep', ...options },
      dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 24, test: 6 },
      backbone: { name: 'cifar-quick', kernelSize: 3, width: 0.125 },
      train: { epochs: { warmUp: epochs, search: 0, frozen: 0 }, batchSize: 8 },
      engine: 'cpu',
      observers: [],
      export: [],
      out: temporaryFolder(),
    },
    { interactive: false },
  );
  const found: Architecture[] = [];
  events$.subscribe({
    next: (event) => void (event.type === 'architecture' && found.push(event.architecture)),
    error: () => undefined,
  });
  const { main } = await done;
  if (!main.certificate.passed) throw new Error('the network does not fold');
  return found;
}

const sizes = (architecture: Architecture): number[] => Object.values(architecture).map(({ length }) => length);

test.serial(
  'dyrep starts plain, gives one block all its branches at each interval, and stops when it is told to',
  async (t) => {
    const [start, ...grown] = await architectures(5, { interval: 1, until: 2 });
    t.deepEqual(sizes(start as Architecture), [1, 1, 1]);
    // Six of the seven ops, or all of them where the channels stay; the last three epochs change nothing.
    t.is(grown.length, 2);
    t.deepEqual(sizes(grown[0] as Architecture).filter((size) => size > 1).length, 1);
    t.deepEqual(sizes(grown[1] as Architecture).filter((size) => size > 1).length, 2);
    for (const architecture of grown) t.true(sizes(architecture).every((size) => [1, 6, 7].includes(size)));
    t.is((await architectures(4, { interval: 2, until: 100 })).length, 3);
  },
);

test.serial('dyrep cuts the branches that stayed small where a block has large and small ones', async (t) => {
  const found = await architectures(4, { interval: 1, until: 10, cutBelow: 10, spread: 0 });
  const counts = found.map((architecture) => sizes(architecture).reduce((sum, size) => sum + size, 0));
  const uncut = (await architectures(4, { interval: 1, until: 10, cutBelow: 0 })).at(-1) as Architecture;
  t.true((counts.at(-1) as number) < sizes(uncut).reduce((sum, size) => sum + size, 0), `${counts}`);
  for (const architecture of found) {
    for (const branches of Object.values(architecture)) t.true(branches.includes('conv-kxk'));
  }
});
