import { z } from 'zod';
import { type BlockGeometry, defineBranchOp } from '../../core/contracts/index.js';
import { foldNorm, foldSequence, withoutBias } from '../../core/reparam/fold/index.js';
import { convolutionMacs } from './macs.js';

const options = z.strictObject({
  innerWidth: z
    .union([z.literal('auto'), z.number().positive()])
    .default('auto')
    .describe(
      'channels between the two convolutions over input channels, rounded up to whole channels of a group; auto: 2 where each group has one channel, as DBB, else 1',
    ),
  pointwiseAtStride: z
    .boolean()
    .default(true)
    .describe('false drops the 1x1 convolution where the block has a stride, as the released RepNAS code'),
});

type Options = z.output<typeof options>;

function innerChannels({ inChannels, groups }: BlockGeometry, { innerWidth }: Options): number {
  const width = innerWidth === 'auto' ? (groups > 1 && groups === inChannels ? 2 : 1) : innerWidth;
  return groups * Math.ceil((inChannels / groups) * width);
}

const hasPointwise = ({ stride }: BlockGeometry, { pointwiseAtStride }: Options): boolean =>
  pointwiseAtStride || stride === 1;

/** A 1x1 convolution, its own batch-norm, and a KxK convolution behind it (Ding et al. 2021, section 3.3). */
export const conv1x1KxK = defineBranchOp({
  name: 'conv-1x1-kxk',
  summary: '1x1 convolution (identity + learned) and batch-norm, then KxK convolution',
  options,
  exists: () => true,
  kernels: (block, chosen) => {
    const { inChannels, outChannels, groups, kernelSize } = block;
    const inner = hasPointwise(block, chosen) ? innerChannels(block, chosen) : inChannels;
    const second = {
      name: 'kernel',
      height: kernelSize,
      width: kernelSize,
      inputs: inner / groups,
      outputs: outChannels,
    };
    if (!hasPointwise(block, chosen)) return [second];
    const identity = inner === inChannels;
    return [{ name: 'pointwise', height: 1, width: 1, inputs: inChannels / groups, outputs: inner, identity }, second];
  },
  norms: (block, chosen) =>
    hasPointwise(block, chosen) ? [{ name: 'inner-norm', channels: innerChannels(block, chosen) }] : [],
  forward: (input, branch) => {
    const { block } = branch;
    const before = hasPointwise(block, branch.options)
      ? branch.normalise('inner-norm', branch.convolve(input, branch.kernel('pointwise')), block.kernelSize >> 1)
      : input;
    return branch.convolve(before, branch.kernel('kernel'), { stride: block.stride });
  },
  fold: (weights, block, chosen) => {
    const second = withoutBias(weights.kernel('kernel'));
    if (!hasPointwise(block, chosen)) return second;
    const first = foldNorm(withoutBias(weights.kernel('pointwise')), weights.norm('inner-norm'));
    return foldSequence(first, second, block.groups);
  },
  macs: (block, chosen, input) => {
    const { inChannels, groups, kernelSize } = block;
    if (!hasPointwise(block, chosen)) return convolutionMacs(block, [kernelSize, kernelSize], input);
    const inner = innerChannels(block, chosen);
    const pointwise = (inChannels * inner * input.height * input.width) / groups;
    return pointwise + convolutionMacs({ ...block, inChannels: inner }, [kernelSize, kernelSize], input);
  },
});
