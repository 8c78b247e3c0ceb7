import { existsSync } from 'node:fs';
import test from 'ava';
import { measureNormalisation } from '../../../core/train/data/index.js';
import { fashionMnist } from '../../../plugins/datasets/fashion-mnist.js';
import { everyIndex, openDataset } from './open.js';

const DEBIAN = '/usr/share/datasets/fashion-mnist';

test("Debian's Fashion-MNIST is found where the package puts it, whole, and its statistics are the stated ones", async (t) => {
  if (!existsSync(DEBIAN)) {
    t.log('skipped: the Debian package dataset-fashion-mnist is not installed');
    t.pass();
    return;
  }
  const { train, test: held, shape, classes, mean, deviation } = await openDataset(fashionMnist);
  t.deepEqual([train.size, held.size, ...shape, classes.length], [60_000, 10_000, 28, 28, 1, 10]);
  for (const [set, each] of [
    [train, 6000],
    [held, 1000],
  ] as const) {
    const counts = new Array<number>(10).fill(0);
    for (const label of set.labels ?? []) counts[label] = (counts[label] ?? 0) + 1;
    t.deepEqual(counts, new Array<number>(10).fill(each));
  }
  const { pixels } = await train.read(everyIndex(train.size));
  const measured = measureNormalisation(pixels, 1);
  t.true(Math.abs((measured.mean[0] ?? 0) - (mean[0] ?? 1)) < 5e-4, `${measured.mean}`);
  t.true(Math.abs((measured.deviation[0] ?? 0) - (deviation[0] ?? 1)) < 5e-4, `${measured.deviation}`);
});
