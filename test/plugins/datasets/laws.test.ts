import test from 'ava';
import { testDataset } from '../../../core/testing/index.js';
import { mnist } from '../../../plugins/datasets/mnist.js';
import { synthetic } from '../../../plugins/datasets/synthetic.js';

// Those that read files are held to the laws where their tests write them.
for (const law of [
  ...testDataset(synthetic, { options: { train: 30, test: 20, shape: [5, 7, 3], classes: 4 } }),
  ...testDataset(mnist),
]) {
  test(law.name, async (t) => t.notThrowsAsync(law.check));
}
