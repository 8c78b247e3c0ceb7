import type * as tf from '@tensorflow/tfjs-core';
import { ALGORITHM, ARGUMENT, PROPAGATION, QUERY, SIZE } from './abi.js';
import type { OneDnnBackend } from './backend.js';
import { bytesOf, dense, type Description, dimensions, equal, free, images, queried, strided } from './descriptions.js';
import { RELU, withPostOperations } from './elementwise.js';
import { exact, places, type Shape4, sizeOf, type Window } from './kernels/geometry.js';
import type { Handle } from './library.js';
import { Primitive } from './primitive.js';
import type { Destroyable } from './primitive-cache.js';
import { reorder } from './reorder.js';
import { created, type Runtime, succeed } from './runtime.js';
import { gather, isStridedPointwise, ofGathered, scatter } from './strided-pointwise.js';

/** A convolution of images NHWC with a kernel `[KH,KW,C/groups,O]`, fully known. */
export interface Convolution {
  readonly input: Shape4;
  readonly kernel: Shape4;
  readonly window: Window;
  readonly groups: number;
}

export const outputShape = ({ input, kernel, window }: Convolution): Shape4 => [
  input[0],
  ...places(input, window),
  kernel[3],
];

/** @throws Error naming the kernel where the shapes do not fit. */
export function checkConvolution(name: string, convolution: Convolution): void {
  const { input, kernel, window, groups } = convolution;
  const found = `images [${input}], kernel [${kernel}], groups ${groups}, stride ${window.stride}, padding ${window.before} and ${window.after}, dilation ${window.dilation}`;
  const numbers = [...input, ...kernel, groups, ...window.stride, ...window.dilation, ...window.size];
  if (numbers.some((value) => !Number.isInteger(value) || value < 1))
    throw new Error(`${name}: sizes must be whole and positive (${found})`);
  if (![...window.before, ...window.after].every((value) => Number.isInteger(value) && value >= 0))
    throw new Error(`${name}: padding must be whole and not negative (${found})`);
  if (input[3] !== kernel[2] * groups)
    throw new Error(`${name}: the kernel reads ${kernel[2]} channels in each of ${groups} groups (${found})`);
  if (kernel[3] % groups !== 0) throw new Error(`${name}: groups must divide the output channels (${found})`);
  if (places(input, window).some((count) => count < 1))
    throw new Error(`${name}: the kernel is larger than the padded images (${found})`);
}

const keyOf = ({ input, kernel, window, groups }: Convolution): string =>
  `${input};${kernel};${window.stride};${window.dilation};${window.before};${window.after};${groups}`;

/** A convolution's operation, and its kernel's way into the layout that the operation chose and out of it. */
class CompiledConvolution implements Destroyable {
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

type Pass = 'forward' | 'biased' | 'biased-relu' | 'input' | 'kernel';

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

const compiled = (backend: OneDnnBackend, convolution: Convolution, pass: Pass): CompiledConvolution =>
  backend.primitives.get(`convolution ${pass} ${keyOf(convolution)}`, () =>
    compile(backend.runtime, convolution, pass),
  );

/** Does the work on the pixels that a strided 1x1 convolution reads. */
function withGathered(
  backend: OneDnnBackend,
  convolution: Convolution,
  x: Float32Array,
  work: (inner: Convolution, read: Float32Array) => void,
): void {
  const inner = ofGathered(convolution);
  backend.scratch(sizeOf(inner.input), (read) => {
    gather(x, convolution, read);
    work(inner, read);
  });
}

/** y from x and kernel, or dx from dy and kernel. */
function apply(
  backend: OneDnnBackend,
  { operation, reorder: toChosen, reordered }: CompiledConvolution,
  data: Float32Array,
  kernel: Float32Array,
  result: Float32Array,
): void {
  if (!toChosen) {
    operation.run(data, kernel, result);
    return;
  }
  backend.scratch(reordered, (chosen) => {
    toChosen.run(kernel, chosen);
    operation.run(data, chosen, result);
  });
}

export function convolve(
  backend: OneDnnBackend,
  convolution: Convolution,
  x: Float32Array,
  kernel: Float32Array,
  y: Float32Array,
): void {
  if (isStridedPointwise(convolution)) {
    withGathered(backend, convolution, x, (inner, read) => convolve(backend, inner, read, kernel, y));
    return;
  }
  apply(backend, compiled(backend, convolution, 'forward'), x, kernel, y);
}

/**
 * act(x * kernel + bias) for inference. The kernel in the layout that the operation chose is kept with its tensor `of`, since the
 * same kernel comes again with the next batch.
 */
export function convolveBiased(
  backend: OneDnnBackend,
  convolution: Convolution,
  relu: boolean,
  [x, kernel, bias]: readonly [Float32Array, Float32Array, Float32Array],
  of: tf.TensorInfo,
  y: Float32Array,
): void {
  if (isStridedPointwise(convolution)) {
    withGathered(backend, convolution, x, (inner, read) =>
      convolveBiased(backend, inner, relu, [read, kernel, bias], of, y),
    );
    return;
  }
  const pass = relu ? 'biased-relu' : 'biased';
  const { operation, reorder: toChosen, reordered } = compiled(backend, convolution, pass);
  let chosen: Float32Array | undefined = kernel;
  if (toChosen) {
    chosen = backend.attached(of, operation.name);
    if (!chosen) {
      chosen = backend.borrow(reordered);
      toChosen.run(kernel, chosen);
      backend.attach(of, operation.name, chosen);
    }
  }
  operation.run(x, chosen, y, bias);
}

export function inputGradient(
  backend: OneDnnBackend,
  convolution: Convolution,
  dy: Float32Array,
  kernel: Float32Array,
  dx: Float32Array,
): void {
  if (isStridedPointwise(convolution)) {
    const inner = ofGathered(convolution);
    backend.scratch(sizeOf(inner.input), (gathered) => {
      inputGradient(backend, inner, dy, kernel, gathered);
      scatter(gathered, convolution, dx);
    });
    return;
  }
  apply(backend, compiled(backend, convolution, 'input'), dy, kernel, dx);
}

export function kernelGradient(
  backend: OneDnnBackend,
  convolution: Convolution,
  x: Float32Array,
  dy: Float32Array,
  dkernel: Float32Array,
): void {
  if (isStridedPointwise(convolution)) {
    withGathered(backend, convolution, x, (inner, read) => kernelGradient(backend, inner, read, dy, dkernel));
    return;
  }
  const { operation, reorder: fromChosen, reordered } = compiled(backend, convolution, 'kernel');
  if (!fromChosen) {
    operation.run(x, dy, dkernel);
    return;
  }
  backend.scratch(reordered, (chosen) => {
    operation.run(x, dy, chosen);
    fromChosen.run(chosen, dkernel);
  });
}

export const kernelSize = ({ kernel }: Convolution): number => sizeOf(kernel);
