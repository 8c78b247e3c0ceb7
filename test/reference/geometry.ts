import fc from 'fast-check';
import type { BlockGeometry } from '../../core/contracts/index.js';

/** Blocks of every kind: K 1 to 7, strides, plain, grouped and depthwise, widening and not; images down to one pixel, even and odd. */
export const geometries = fc
  .record({
    kernelSize: fc.constantFrom(1, 3, 5, 7),
    stride: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 4 }),
    inputs: fc.integer({ min: 1, max: 3 }),
    outputs: fc.integer({ min: 1, max: 3 }),
    keepsChannels: fc.boolean(),
    height: fc.integer({ min: 1, max: 8 }),
    width: fc.integer({ min: 1, max: 8 }),
    seed: fc.nat(),
  })
  .map(({ kernelSize, stride, groups, inputs, outputs, keepsChannels, height, width, seed }) => {
    const inChannels = groups * inputs;
    const outChannels = keepsChannels ? inChannels : groups * outputs;
    const block: BlockGeometry = { name: 'block', inChannels, outChannels, kernelSize, stride, groups };
    return { block, height, width, seed };
  });
