import { ALGORITHM, ARGUMENT, PROPAGATION, QUERY, SIZE } from './abi.js';
import type { OneDnnBackend } from './backend.js';
import { type Convolution, outputShape } from './convolution-shape.js';
import { bytesOf, type Description, dense, dimensions, equal, free, images, queried, strided } from './descriptions.js';
import { RELU, withPostOperations } from './elementwise.js';
import { exact } from './kernels/geometry.js';
import type { Handle } from './library.js';
import { Primitive } from './primitive.js';
import type { Destroyable } from './primitive-cache.js';
import { reorder } from './reorder.js';
import { created, type Runtime, succeed } from './runtime.js';

const keyOf = ({ input, kernel, window, groups }: Convolution): string =>
  `${input};${kernel};${window.stride};${window.dilation};${window.before};${window.after};${groups}`;

/** A convolution's operation, and its kernel's way into the layout that the operation chose and out of it. */
export class CompiledConvolution implements Destroyable {
  readonly operation: Primitive;
  readonly reorder: Primitive | undefined;
  /** Values of the kernel in the chosen layout. */
  readonly reordered: number;

  constructor(operation: Primitive, reordering: Primitive | undefined, reordered: number) {
    this.operation = operation;
    this.reorder = reordering;
    this.reordered = reordered;
  }

  destroy(): void {
    this.operation.destroy();
    this.reorder?.destroy();
  }
}

/** What of a convolution an operation computes. */
export type Pass = 'forward' | 'biased' | 'biased-relu' | 'input' | 'kernel';

const takesBias = (pass: Pass): boolean => pass === 'biased' || pass === 'biased-relu';

function compile(runtime: Runtime, convolution: Convolution, pass: Pass): CompiledConvolution {
  const name = `convolution (${pass}) ${keyOf(convolution)}`;
  const x = images(runtime, convolution.input);
  const y = images(runtime, outputShape(convolution));
  const [kernel, anyKernel] = kernelDescriptions(runtime, convolution);
  const bias = takesBias(pass) ? dense(runtime, [convolution.kernel[3]]) : undefined;
  const descriptor = describe(runtime, name, convolution, pass, [x, anyKernel, y], bias);
  const chosen = queried(runtime, descriptor, pass === 'kernel' ? QUERY.weightsGradient : QUERY.weights) ?? kernel;
  const forward = [
    { argument: ARGUMENT.source, name: 'x', description: x },
    { argument: ARGUMENT.weights, name: 'kernel', description: chosen },
    { argument: ARGUMENT.destination, name: 'y', description: y },
  ];
  const biased = [...forward, ...(bias ? [{ argument: ARGUMENT.bias, name: 'bias', description: bias }] : [])];
  const slots = {
    forward,
    biased,
    'biased-relu': biased,
    input: [
      { argument: ARGUMENT.destinationGradient, name: 'dy', description: y },
      { argument: ARGUMENT.weights, name: 'kernel', description: chosen },
      { argument: ARGUMENT.sourceGradient, name: 'dx', description: x },
    ],
    kernel: [
      { argument: ARGUMENT.source, name: 'x', description: x },
      { argument: ARGUMENT.destinationGradient, name: 'dy', description: y },
      { argument: ARGUMENT.weightsGradient, name: 'dkernel', description: chosen },
    ],
  }[pass];
  const operation = new Primitive(runtime, name, descriptor, slots);
  if (equal(runtime, chosen, kernel)) return new CompiledConvolution(operation, undefined, 0);
  const [from, to] = pass === 'kernel' ? [chosen, kernel] : [kernel, chosen];
  return new CompiledConvolution(operation, reorder(runtime, from, to), bytesOf(runtime, chosen) / 4);
}

/** The kernel as we have it, and free for the operation to lay out. */
function kernelDescriptions(runtime: Runtime, { kernel, groups }: Convolution): [Description, Description] {
  const [height, width, inputs, outputs] = kernel;
  if (groups === 1) {
    const shape = [outputs, inputs, height, width];
    return [strided(runtime, shape, [1, outputs, width * inputs * outputs, inputs * outputs]), free(runtime, shape)];
  }
  const shape = [groups, outputs / groups, inputs, height, width];
  const strides = [outputs / groups, 1, outputs, width * inputs * outputs, inputs * outputs];
  return [strided(runtime, shape, strides), free(runtime, shape)];
}

function describe(
  runtime: Runtime,
  name: string,
  convolution: Convolution,
  pass: Pass,
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
  const direct = ALGORITHM.convolutionDirect;
  const make = (operation: Uint8Array, hint: Handle, attributes: Handle = 0): Handle =>
    created(name, (out) => functions.descriptorCreate(out, operation, attributes, engine, hint));
  const forward = new Uint8Array(SIZE.convolution);
  const propagation = bias ? PROPAGATION.inference : PROPAGATION.training;
  succeed(name, functions.convolution(forward, propagation, direct, x, kernel, bias ?? null, y, ...geometry));
  if (pass === 'biased-relu')
    return withPostOperations(runtime, name, [RELU], ({ attributes }) => make(forward, 0, attributes));
  const hint = make(forward, 0);
  if (pass === 'forward' || pass === 'biased') return hint;
  const backward = new Uint8Array(SIZE.convolution);
  const status =
    pass === 'input'
      ? functions.convolutionInput(backward, direct, x, kernel, y, ...geometry)
      : functions.convolutionKernel(backward, direct, x, kernel, null, y, ...geometry);
  try {
    succeed(name, status);
    return make(backward, hint);
  } finally {
    functions.descriptorDestroy(hint);
  }
}

/** The operation for this convolution, compiled when first asked for. */
export const compiled = (backend: OneDnnBackend, convolution: Convolution, pass: Pass): CompiledConvolution =>
  backend.primitives.get(`convolution ${pass} ${keyOf(convolution)}`, () =>
    compile(backend.runtime, convolution, pass),
  );
