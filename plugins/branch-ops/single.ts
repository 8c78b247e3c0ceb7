import { z } from 'zod';
import { type BlockGeometry, type BranchOp, defineBranchOp, type Named } from '../../core/contracts/index.js';
import { embed, withoutBias } from '../../core/reparam/fold/index.js';
import { convolutionMacs } from './macs.js';

const options = z.strictObject({});

type Options = z.output<typeof options>;

/** A branch of one convolution: everything but the size of its kernel is the same for all of them. */
export function singleConvolution<const Name extends string>(
  name: Name,
  summary: string,
  size: (block: BlockGeometry) => readonly [height: number, width: number],
  exists: (block: BlockGeometry) => boolean = () => true,
): Named<BranchOp<Options>, Name, typeof options> {
  return defineBranchOp({
    name,
    summary,
    options,
    exists,
    kernels: (block) => {
      const [height, width] = size(block);
      return [{ name: 'kernel', height, width, inputs: block.inChannels / block.groups, outputs: block.outChannels }];
    },
    forward: (input, branch) => branch.convolve(input, branch.kernel('kernel'), { stride: branch.block.stride }),
    fold: (weights, block) => withoutBias(embed(weights.kernel('kernel'), block.kernelSize)),
    macs: (block, _, input) => convolutionMacs(block, size(block), input),
  });
}
