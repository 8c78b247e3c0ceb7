import type { Convolution } from './convolution-shape.js';
import { dimensions, free, strided } from './descriptions.js';
import { RELU, withPostOperations } from './elementwise.js';
import type { ConvolutionWindow, Description, Handle } from './ffi/interface.js';
import { exact } from './kernels/geometry.js';
import type { Runtime } from './runtime.js';

/** What of a convolution an operation computes. */
export type Pass = 'forward' | 'biased' | 'biased-relu' | 'input' | 'kernel';

/** The kernel as we have it, and free for the operation to lay out. */
export function kernelDescriptions(runtime: Runtime, { kernel, groups }: Convolution): [Description, Description] {
  const [height, width, inputs, outputs] = kernel;
  if (groups === 1) {
    const shape = [outputs, inputs, height, width];
    return [strided(runtime, shape, [1, outputs, width * inputs * outputs, inputs * outputs]), free(runtime, shape)];
  }
  const shape = [groups, outputs / groups, inputs, height, width];
  const strides = [outputs / groups, 1, outputs, width * inputs * outputs, inputs * outputs];
  return [strided(runtime, shape, strides), free(runtime, shape)];
}

/** A descriptor of the operation, which is the caller's to destroy. */
export function describe(
  runtime: Runtime,
  name: string,
  convolution: Convolution,
  pass: Pass,
  algorithm: number,
  [x, kernel, y]: readonly [Description, Description, Description],
  bias: Description | undefined,
): Handle {
  const { functions } = runtime;
  const window = windowOf(convolution);
  const all = { x, kernel, bias, y };
  // For inference Winograd's kernels would be transformed as they are laid out: slowly, and to four times their size.
  if (pass === 'biased-relu')
    return withPostOperations(runtime, name, [RELU], ({ attributes }) =>
      functions.convolution(runtime.making(name, { attributes }), 'forward', algorithm, all, window),
    );
  const hint = functions.convolution(runtime.making(name), 'forward', algorithm, all, window);
  if (pass === 'forward' || pass === 'biased') return hint;
  try {
    return functions.convolution(runtime.making(name, { hint }), pass, algorithm, all, window);
  } finally {
    functions.descriptorDestroy(hint);
  }
}

function windowOf(convolution: Convolution): ConvolutionWindow {
  const { stride, dilation, before, after } = exact(convolution.input, convolution.window);
  return {
    stride: dimensions(stride),
    // oneDNN counts the pixels skipped.
    dilation: dimensions(dilation.map((value) => value - 1)),
    before: dimensions(before),
    after: dimensions(after),
  };
}
