// @ts-check
import { API_VERSION, defineBranchOp, definePlugin } from 'repnas';
import { dilate, embed, withoutBias } from 'repnas/fold';
import { z } from 'zod';

/** A 3x3 convolution with its taps apart: it sees as far as a larger kernel, at the cost of a small one. */
export const op = defineBranchOp({
  name: 'starting-point',
  summary: '3x3 convolution with its taps apart',
  options: z.strictObject({
    dilation: z.int().min(1).max(3).default(1).describe('pixels from one tap of the kernel to the next'),
  }),

  // Only where the block's own kernel has room for it.
  exists: ({ kernelSize }, { dilation }) => kernelSize >= 2 * dilation + 1,

  // The learned kernels. The batch-norm that closes the branch, its gate and the sum belong to the block.
  kernels: ({ inChannels, outChannels, groups }) => [
    { name: 'kernel', height: 3, width: 3, inputs: inChannels / groups, outputs: outChannels },
  ],

  // What is computed while training …
  forward: (input, branch) =>
    branch.convolve(input, branch.kernel('kernel'), {
      stride: branch.block.stride,
      dilation: branch.options.dilation,
    }),

  // … and the one KxK convolution that it is equal to.
  fold: (weights, { kernelSize }, { dilation }) =>
    withoutBias(embed(dilate(weights.kernel('kernel'), dilation), kernelSize)),

  // Multiply-adds for one image.
  macs: ({ inChannels, outChannels, groups, stride }, _, { height, width }) =>
    (9 * inChannels * outChannels * Math.ceil(height / stride) * Math.ceil(width / stride)) / groups,
});

export default definePlugin({
  name: 'repnas-plugin-starting-point',
  apiVersion: API_VERSION,
  setup: (host) => host.add('branch-op', op),
});
