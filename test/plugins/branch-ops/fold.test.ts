import test from 'ava';
import fc from 'fast-check';
import { branchOps } from '../../../plugins/branch-ops/index.js';
import { conv1x1Average } from '../../../plugins/branch-ops/conv-1x1-avg.js';
import { conv1x1KxK } from '../../../plugins/branch-ops/conv-1x1-kxk.js';
import type { BlockGeometry, BranchOp } from '../../../core/contracts/index.js';
import { addChannels, difference64, normal64 } from '../../reference/arrays64.js';
import { forward64, randomWeights } from '../../reference/branch-scope64.js';
import { geometries } from '../../reference/geometry.js';
import { convolution } from '../../core/ops/naive.js';

/** Relative difference between what an op computes and the single convolution that it says it folds into. */
function foldError<Options>(
  op: BranchOp<Options>,
  options: Options,
  { block, height, width, seed }: { block: BlockGeometry; height: number; width: number; seed: number },
): number {
  const weights = randomWeights(op, block, options, seed);
  const x = normal64(seed + 1)(2, height, width, block.inChannels);
  const computed = forward64(op, block, options, weights, x);
  const { kernel, bias } = op.fold(weights, block, options);
  const { kernelSize: k, inChannels, outChannels, groups, stride } = block;
  if (kernel.shape.join() !== [k, k, inChannels / groups, outChannels].join()) return Number.POSITIVE_INFINITY;
  const padding = [k >> 1, k >> 1] as const;
  const folded = addChannels(convolution(x, kernel, { stride, padding, groups }), bias);
  return difference64(computed.data, folded.data);
}

function folds<Options>(op: BranchOp<Options>, options: Options, numRuns = 60): number {
  let tried = 0;
  fc.assert(
    fc.property(geometries, (given) => {
      if (!op.exists(given.block, options)) return true;
      tried++;
      return foldError(op, options, given) <= 1e-12;
    }),
    { numRuns, seed: 1 },
  );
  return tried;
}

for (const op of branchOps) {
  test(`${op.name} is the convolution that it folds into, for every block where it exists`, (t) => {
    t.true(folds(op, op.options.parse({})) > 10);
  });
}

for (const given of [{ innerWidth: 1 }, { innerWidth: 1.5 }, { innerWidth: 2 }, { pointwiseAtStride: false }]) {
  test(`conv-1x1-kxk with ${JSON.stringify(given)} is the convolution that it folds into`, (t) => {
    t.is(folds(conv1x1KxK, conv1x1KxK.options.parse(given), 40), 40);
  });
}

for (const pointwise of [true, false]) {
  test(`conv-1x1-avg with pointwise ${pointwise} is the convolution that it folds into`, (t) => {
    t.true(folds(conv1x1Average, conv1x1Average.options.parse({ pointwise })) > 10);
  });
}
