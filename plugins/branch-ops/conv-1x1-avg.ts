import { z } from 'zod';
import { type BlockGeometry, defineBranchOp } from '../../core/contracts/index.js';
import { averageKernel, foldAverage, foldNorm, withoutBias } from '../../core/reparam/fold/index.js';
import { outputSize } from './macs.js';

const options = z.strictObject({
  pointwise: z
    .union([z.literal('auto'), z.boolean()])
    .default('auto')
    .describe('whether a 1x1 convolution comes first; auto: not where each group has one channel, as DBB'),
});

type Options = z.output<typeof options>;

const hasPointwise = ({ groups, inChannels, outChannels }: BlockGeometry, { pointwise }: Options): boolean =>
  pointwise === 'auto' ? !(groups > 1 && groups === inChannels && groups === outChannels) : pointwise;

/** A 1x1 convolution, its own batch-norm, and average pooling behind it (Ding et al. 2021, section 3.3). */
export const conv1x1Average = defineBranchOp({
  name: 'conv-1x1-avg',
  summary: '1x1 convolution and batch-norm, then KxK average pooling',
  options,
  exists: (block, chosen) => hasPointwise(block, chosen) || block.inChannels === block.outChannels,
  kernels: (block, chosen) => {
    if (!hasPointwise(block, chosen)) return [];
    const { inChannels, outChannels, groups } = block;
    return [{ name: 'pointwise', height: 1, width: 1, inputs: inChannels / groups, outputs: outChannels }];
  },
  norms: (block, chosen) => (hasPointwise(block, chosen) ? [{ name: 'inner-norm', channels: block.outChannels }] : []),
  forward: (input, branch) => {
    const { block } = branch;
    const before = hasPointwise(block, branch.options)
      ? branch.normalise('inner-norm', branch.convolve(input, branch.kernel('pointwise')), block.kernelSize >> 1)
      : input;
    return branch.averagePool(before, block.kernelSize, block.stride);
  },
  fold: (weights, block, chosen) => {
    const { outChannels, groups, kernelSize } = block;
    if (!hasPointwise(block, chosen)) return withoutBias(averageKernel(kernelSize, outChannels, groups));
    const first = foldNorm(withoutBias(weights.kernel('pointwise')), weights.norm('inner-norm'));
    return foldAverage(first, kernelSize);
  },
  macs: (block, chosen, input) => {
    const { inChannels, outChannels, groups, kernelSize } = block;
    const { height, width } = outputSize(block, input);
    const pooling = kernelSize ** 2 * outChannels * height * width;
    const pointwise = (inChannels * outChannels * input.height * input.width) / groups;
    return pooling + (hasPointwise(block, chosen) ? pointwise : 0);
  },
});
