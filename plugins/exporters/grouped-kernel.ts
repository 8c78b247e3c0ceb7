import type { FusedConvolution } from '../../core/contracts/index.js';

/** Whether every group has one input channel. */
const isDepthwise = ({ shape }: FusedConvolution, groups: number): boolean => groups > 1 && shape[2] === 1;

/**
 * A grouped kernel as one without groups, HWIO: zeros where an output does not see an input. It is `groups` times larger, and
 * computes the same.
 */
function ungrouped({ shape, kernel }: FusedConvolution, groups: number): Omit<FusedConvolution, 'bias'> {
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

/** A kernel as TensorFlow has it, which knows no groups: of depthwise convolutions `[H, W, groups, outputs of each]`, else HWIO. */
export function tensorFlowKernel(convolution: FusedConvolution, groups: number) {
  if (!isDepthwise(convolution, groups)) return { depthwise: false, ...ungrouped(convolution, groups) };
  const [height, width, , outputs] = convolution.shape;
  // [H, W, 1, groups · m] and [H, W, groups, m] lie in memory in the same order.
  const shape = [height, width, groups, outputs / groups] as const;
  return { depthwise: true, shape, kernel: convolution.kernel };
}
