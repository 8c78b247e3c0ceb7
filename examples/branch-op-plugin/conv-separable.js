// @ts-check
import { API_VERSION, defineBranchOp, definePlugin } from 'repnas';
import { withoutBias } from 'repnas/fold';
import { z } from 'zod';

/** @import { Kernel64 } from 'repnas' */

/** A 1xK convolution, then a Kx1 convolution: a KxK kernel of rank one for each channel between them. */
export const separable = defineBranchOp({
  name: 'conv-separable',
  summary: '1xK convolution, then Kx1',
  options: z.strictObject({}),

  exists: ({ kernelSize }) => kernelSize > 1 && kernelSize % 2 === 1,

  // The learned kernels. The batch-norm that closes the branch, its gate and the sum belong to the block.
  kernels: ({ kernelSize, inChannels, outChannels, groups }) => [
    { name: 'row', height: 1, width: kernelSize, inputs: inChannels / groups, outputs: outChannels },
    { name: 'column', height: kernelSize, width: 1, inputs: outChannels / groups, outputs: outChannels },
  ],

  // The forward pass in training: the second convolution takes the block's stride …
  forward: (input, branch) => {
    const rows = branch.convolve(input, branch.kernel('row'));
    return branch.convolve(rows, branch.kernel('column'), { stride: branch.block.stride });
  },

  // … and the one KxK convolution that it is equal to.
  fold: (weights, { groups }) => withoutBias(product(weights.kernel('row'), weights.kernel('column'), groups)),

  // Multiply-adds for one image.
  macs: ({ kernelSize, inChannels, outChannels, groups, stride }, _, { height, width }) => {
    const places = Math.ceil(height / stride) * Math.ceil(width / stride);
    return (kernelSize * outChannels * (inChannels * height * width + outChannels * places)) / groups;
  },
});

/**
 * Multiplies a row by a column over the channels between them, group by group.
 * @param {Kernel64} row `[1, K, inputs of a group, M]`
 * @param {Kernel64} column `[K, 1, M / groups, outputs]`
 * @param {number} groups
 * @returns {Kernel64} `[K, K, inputs of a group, outputs]`
 */
function product(row, column, groups) {
  const [, width, inputs, middle] = row.shape;
  const [height, , within, outputs] = column.shape;
  const data = new Float64Array(height * width * inputs * outputs);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let input = 0; input < inputs; input++) {
        for (let output = 0; output < outputs; output++, at++) {
          const first = Math.floor((output * groups) / outputs) * within;
          for (let channel = 0; channel < within; channel++) {
            const weight = row.data[(x * inputs + input) * middle + first + channel] ?? 0;
            data[at] = (data[at] ?? 0) + weight * (column.data[(y * within + channel) * outputs + output] ?? 0);
          }
        }
      }
    }
  }
  return { shape: [height, width, inputs, outputs], data };
}

export default definePlugin({
  name: 'repnas-plugin-separable',
  apiVersion: API_VERSION,
  setup: (host) => host.add('branch-op', separable),
});
