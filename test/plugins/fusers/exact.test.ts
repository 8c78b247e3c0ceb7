import test from 'ava';
import type { BlockGeometry, FoldableBranch } from '../../../core/contracts/index.js';
import { foldNorm, foldSum } from '../../../core/reparam/fold/index.js';
import { exact } from '../../../plugins/fusers/exact.js';
import { normal64, randomNorm } from '../../../core/testing/random64.js';

const block: BlockGeometry = { name: 'stem', inChannels: 2, outChannels: 3, kernelSize: 3, stride: 1, groups: 1 };

function branches(): FoldableBranch[] {
  const normal = normal64(1);
  return ['conv-kxk', 'conv-1x1'].map((name) => ({
    name,
    linear: { kernel: { shape: [3, 3, 2, 3], data: normal(54).data }, bias: normal(3).data },
    norm: randomNorm(3, normal),
  }));
}

test('adds up the branches, each with its batch-norm', (t) => {
  const given = branches();
  t.deepEqual(exact.fuse(block, given, {}), foldSum(given.map(({ linear, norm }) => foldNorm(linear, norm))));
});

test('refuses what is not a number, and names block, branch and value', (t) => {
  for (const [what, spoil] of [
    ['kernel with NaN', (b: FoldableBranch) => b.linear.kernel.data.fill(Number.NaN, 5, 6)],
    ['kernel with NaN', (b: FoldableBranch) => b.norm.variance.fill(-1)],
    ['kernel with -?Infinity', (b: FoldableBranch) => b.norm.gamma.fill(Number.POSITIVE_INFINITY)],
    ['bias with -?Infinity', (b: FoldableBranch) => b.norm.beta.fill(Number.NEGATIVE_INFINITY)],
    ['bias with NaN', (b: FoldableBranch) => b.norm.mean.fill(Number.NaN)],
  ] as const) {
    const given = branches();
    spoil(given[1] as FoldableBranch);
    const message = new RegExp(`block stem folds into a ${what}, by its branch conv-1x1;`);
    t.throws(() => exact.fuse(block, given, {}), { message });
  }
});

test('refuses a block without branches', (t) => {
  t.throws(() => exact.fuse(block, [], {}), { message: /block stem has no branch to fuse/ });
});
