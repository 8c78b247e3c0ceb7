import type { FusedConvolution } from '../../core/contracts/index.js';

/** Whether every group has one input channel, so that frameworks without groups still have a layer for it. */
export const isDepthwise = ({ shape }: FusedConvolution, groups: number): boolean => groups > 1 && shape[2] === 1;

/**
 * A grouped kernel as one without groups, HWIO: zeros where an output does not see an input. It is `groups` times larger, and
 * computes the same.
 */
export function ungrouped({ shape, kernel }: FusedConvolution, groups: number): Omit<FusedConvolution, 'bias'> {
  const [height, width, inputs, outputs] = shape;
  if (groups === 1) return { shape, kernel };
  const dense = new Float32Array(kernel.length * groups);
  const perGroup = outputs / groups;
  for (let tap = 0; tap < height * width * inputs; tap++) {
    const [place, input] = [Math.floor(tap / inputs), tap % inputs];
    for (let group = 0; group < groups; group++) {
      const from = tap * outputs + group * perGroup;
      const row = (place * groups + group) * inputs + input;
      dense.set(kernel.subarray(from, from + perGroup), row * outputs + group * perGroup);
    }
  }
  return { shape: [height, width, inputs * groups, outputs], kernel: dense };
}
