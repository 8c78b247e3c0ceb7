import fc from 'fast-check';
import type { BlockGeometry } from '../contracts/index.js';

/** A block, the size of an image, and a seed for the numbers. */
export interface BlockCase {
  readonly block: BlockGeometry;
  readonly height: number;
  readonly width: number;
  readonly seed: number;
}

/** Blocks of every kind: K 1 to 7, strides, plain, grouped and depthwise, widening and not; images of even and odd sizes. */
const blockCases = (largestKernel: number, sizes: { readonly min: number; readonly max: number }) =>
  fc
    .record({
      halfKernel: fc.integer({ min: 0, max: largestKernel >> 1 }),
      stride: fc.integer({ min: 1, max: 3 }),
      groups: fc.integer({ min: 1, max: 4 }),
      inputs: fc.integer({ min: 1, max: 3 }),
      outputs: fc.integer({ min: 1, max: 3 }),
      keepsChannels: fc.boolean(),
      height: fc.integer(sizes),
      width: fc.integer(sizes),
      seed: fc.nat(),
    })
    .map(({ halfKernel, stride, groups, inputs, outputs, keepsChannels, height, width, seed }): BlockCase => {
      const inChannels = groups * inputs;
      const outChannels = keepsChannels ? inChannels : groups * outputs;
      return {
        block: { name: 'block', inChannels, outChannels, kernelSize: 2 * halfKernel + 1, stride, groups },
        height,
        width,
        seed,
      };
    });

/** Down to images of one pixel. */
export const geometries = blockCases(7, { min: 1, max: 8 });

/** Few enough numbers to differentiate by each of them, and enough pixels for statistics. */
export const smallGeometries = blockCases(5, { min: 3, max: 5 });

export const describeCase = ({ block, height, width, seed }: BlockCase): string => {
  const { kernelSize, stride, groups, inChannels, outChannels } = block;
  return `${kernelSize}x${kernelSize} block of ${inChannels} to ${outChannels} channels, stride ${stride}, groups ${groups}, images ${height}x${width}, seed ${seed}`;
};
