import test from 'ava';
import { synthetic } from '../../../plugins/datasets/synthetic.js';
import { everyIndex, openDataset } from './open.js';

test('the images depend on the seed alone, and the parts differ', async (t) => {
  const options = { train: 40, test: 40, shape: [8, 8, 3], classes: 4 };
  const read = async (over: object = {}) => {
    const data = await openDataset(synthetic, { ...options, ...over });
    return { train: await data.train.read(everyIndex(40)), test: await data.test.read(everyIndex(40)) };
  };
  const first = await read();
  t.deepEqual(await read(), first);
  t.notDeepEqual((await read({ seed: 1 })).train.pixels, first.train.pixels);
  t.notDeepEqual(first.train.pixels, first.test.pixels);
  t.deepEqual([...first.train.labels.subarray(0, 6)], [0, 1, 2, 3, 0, 1]);
});

test('a nearest-mean classifier learns the patterns', async (t) => {
  const data = await openDataset(synthetic, { train: 400, test: 200 });
  const imageSize = 32 * 32 * 3;
  const train = await data.train.read(everyIndex(400));
  const means = Array.from({ length: 10 }, () => new Float64Array(imageSize));
  for (const [i, label] of train.labels.entries()) {
    const mean = means[label] as Float64Array;
    for (let at = 0; at < imageSize; at++)
      mean[at] = (mean[at] as number) + (train.pixels[i * imageSize + at] as number) / 40;
  }
  const held = await data.test.read(everyIndex(200));
  const correct = held.labels.filter((label, i) => {
    const distances = means.map((mean) =>
      mean.reduce((sum, value, at) => sum + (value - (held.pixels[i * imageSize + at] as number)) ** 2, 0),
    );
    return distances.indexOf(Math.min(...distances)) === label;
  }).length;
  t.true(correct > 160, `${correct} of 200`);
  t.true(data.mean.every((mean) => mean > 0.4 && mean < 0.6));
});

test('images that would fill the memory are refused by the options', (t) => {
  const { success } = synthetic.options.safeParse({ train: 1e6, shape: [224, 224, 3] });
  t.false(success);
});
