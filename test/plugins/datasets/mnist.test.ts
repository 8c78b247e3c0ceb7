import test from 'ava';
import { measureNormalisation } from '../../../core/train/data/index.js';
import { mnist } from '../../../plugins/datasets/mnist.js';
import { everyIndex, openDataset } from './open.js';

test('8,000 and 2,000 digits come from the package, split the same way each time', async (t) => {
  const data = await openDataset(mnist);
  t.deepEqual([data.train.size, data.test.size], [8000, 2000]);
  t.deepEqual(data.shape, [28, 28, 1]);
  const train = await data.train.read(everyIndex(8000));
  const held = await data.test.read(everyIndex(2000));
  const again = await (await openDataset(mnist)).test.read(everyIndex(2000));
  t.deepEqual(held, again);
  const counts = (labels: Int32Array) =>
    Array.from({ length: 10 }, (_, k) => labels.filter((label) => label === k).length);
  t.true(counts(train.labels).every((count) => count > 650 && count < 950));
  t.true(counts(held.labels).every((count) => count > 150 && count < 250));
  t.deepEqual([...held.labels.subarray(0, 8)], [4, 8, 5, 9, 1, 1, 4, 3]);

  const images = (pixels: Uint8Array) =>
    new Set(
      Array.from({ length: pixels.length / 784 }, (_, n) =>
        Buffer.from(pixels.buffer, n * 784, 784).toString('latin1'),
      ),
    );
  const trained = images(train.pixels);
  t.is([...images(held.pixels)].filter((image) => trained.has(image)).length, 0, 'no test image is a training image');

  const measured = measureNormalisation(train.pixels, 1);
  t.true(Math.abs((measured.mean[0] as number) - 0.1307) < 0.004, 'the pixels are those of MNIST');
  t.true(Math.abs((measured.deviation[0] as number) - 0.3081) < 0.004);
  await data.close();
});

test('more images than there are is an error', async (t) => {
  await t.throwsAsync(openDataset(mnist, { train: 9000, test: 1001 }), {
    message: /9000 training and 1001 test images; expected at most 10000 together/,
  });
});
