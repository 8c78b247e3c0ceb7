import { z } from 'zod';
import { defineWeightSharing } from '../../core/contracts/index.js';
import { none } from './none.js';

/**
 * One KxK kernel a block, of which each branch sees the centred window of its own size (RepNAS, section 3.3). A kernel whose
 * channels are not the block's (the 1x1 in front of a KxK convolution, where the block changes the number of channels) is no
 * window of it and stays the branch's own.
 */
export const kernelSlice = defineWeightSharing({
  name: 'kernel-slice',
  summary: 'each branch sees a centred window of one KxK kernel per block',
  options: z.strictObject({}),
  bind: (block, branch, kernel, options) => {
    const { kernelSize, inChannels, outChannels, groups } = block;
    const { height, width, inputs, outputs } = kernel;
    if (inputs !== inChannels / groups || outputs !== outChannels) return none.bind(block, branch, kernel, options);
    const middle = kernelSize >> 1;
    return {
      parameter: 'kernel',
      shape: [kernelSize, kernelSize, inputs, outputs],
      window: { top: middle - (height >> 1), left: middle - (width >> 1), height, width },
    };
  },
});
