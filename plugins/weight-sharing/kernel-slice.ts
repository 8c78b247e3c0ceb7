import { z } from 'zod';
import { type BlockGeometry, defineWeightSharing, type KernelSpec } from '../../core/contracts/index.js';
import { none } from './none.js';

/** Whether the kernel's channels are the block's, and its centre can lie on that of the block's kernel. */
function isWindow({ kernelSize, inChannels, outChannels, groups }: BlockGeometry, kernel: KernelSpec): boolean {
  const centred = (size: number): boolean => size <= kernelSize && size % 2 === 1;
  const { height, width, inputs, outputs } = kernel;
  return inputs === inChannels / groups && outputs === outChannels && centred(height) && centred(width);
}

/**
 * One KxK kernel a block, of which each branch sees the centred window of its own size (RepNAS, section 3.3). A kernel whose
 * channels are not the block's (the 1x1 in front of a KxK convolution, where the block changes the number of channels) is no
 * window of it and stays the branch's own; so does one that is larger, or of even size and therefore without a centre.
 */
export const kernelSlice = defineWeightSharing({
  name: 'kernel-slice',
  summary: 'each branch sees a centred window of one KxK kernel per block',
  options: z.strictObject({}),
  bind: (block, branch, kernel, options) => {
    if (!isWindow(block, kernel)) return none.bind(block, branch, kernel, options);
    const { height, width, inputs, outputs } = kernel;
    const middle = block.kernelSize >> 1;
    return {
      parameter: 'kernel',
      shape: [block.kernelSize, block.kernelSize, inputs, outputs],
      window: { top: middle - (height >> 1), left: middle - (width >> 1), height, width },
    };
  },
});
