import { PROPAGATION, SIZE } from './abi.js';
import type { Convolution } from './convolution-shape.js';
import { type Description, dimensions, free, strided } from './descriptions.js';
import { RELU, withPostOperations } from './elementwise.js';
import { exact } from './kernels/geometry.js';
import type { Handle } from './library.js';
import { created, type Runtime, succeed } from './runtime.js';

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

export function describe(
  runtime: Runtime,
  name: string,
  convolution: Convolution,
  pass: Pass,
  algorithm: number,
  [x, kernel, y]: readonly [Description, Description, Description],
  bias: Description | undefined,
): Handle {
  const { functions, engine } = runtime;
  const window = exact(convolution.input, convolution.window);
  const geometry = [
    dimensions(window.stride),
    // oneDNN counts the pixels skipped.
    dimensions(window.dilation.map((value) => value - 1)),
    dimensions(window.before),
    dimensions(window.after),
  ];
  const make = (operation: Uint8Array, hint: Handle, attributes: Handle = 0): Handle =>
    created(name, (out) => functions.descriptorCreate(out, operation, attributes, engine, hint));
  const forward = new Uint8Array(SIZE.convolution);
  // For inference Winograd's kernels would be transformed as they are laid out: slowly, and to four times their size.
  succeed(
    name,
    functions.convolution(forward, PROPAGATION.training, algorithm, x, kernel, bias ?? null, y, ...geometry),
  );
  if (pass === 'biased-relu')
    return withPostOperations(runtime, name, [RELU], ({ attributes }) => make(forward, 0, attributes));
  const hint = make(forward, 0);
  if (pass === 'forward' || pass === 'biased') return hint;
  const backward = new Uint8Array(SIZE.convolution);
  const status =
    pass === 'input'
      ? functions.convolutionInput(backward, algorithm, x, kernel, y, ...geometry)
      : functions.convolutionKernel(backward, algorithm, x, kernel, null, y, ...geometry);
  try {
    succeed(name, status);
    return make(backward, hint);
  } finally {
    functions.descriptorDestroy(hint);
  }
}
