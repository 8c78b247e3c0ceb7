/**
 * Convolutions and their gradients on arrays. `METHODS` is the one table of the ways in which they are computed: which shapes each is
 * for, and its three passes. The first that suits is taken; README.md says why each is there, and its own file what was measured.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { OneDnnBackend } from './backend.js';
import { type CompiledConvolution, compiled } from './compiled-convolution.js';
import { type Convolution, outputShape } from './convolution-shape.js';
import { binary, channels, imagesOf } from './elementwise.js';
import { ALGORITHM } from './ffi/constants.js';
import { allFinite, rectify } from './finite.js';
import { sizeOf } from './kernels/geometry.js';
import { convolveByPixels, inputGradientByPixels, isOfFewPixels, kernelGradientByPixels } from './pixel-products.js';
import { gather, isStridedPointwise, ofGathered, scatter } from './strided-pointwise.js';
import { suitsWinogradProducts } from './winograd.js';
import { convolveInTiles, kernelGradientInTiles } from './winograd-products.js';

/** Arrays of a forward pass: y = x * kernel, plus the bias `[O]` if there is one, and its positive part if `relu` is set. */
interface ForwardArrays {
  readonly x: Float32Array;
  readonly kernel: Float32Array;
  readonly y: Float32Array;
  readonly bias?: Float32Array | undefined;
  /** Only with a bias. */
  readonly relu?: boolean;
  /**
   * The kernel's tensor, for inference: the kernel in the layout that an operation chose is kept with it, since the same
   * kernel comes again with the next batch.
   */
  readonly keptWith?: tf.TensorInfo;
}

type Gradient = (
  backend: OneDnnBackend,
  convolution: Convolution,
  first: Float32Array,
  second: Float32Array,
  result: Float32Array,
) => void;

/** A way to compute a convolution. */
interface Method {
  /** Returns true if the method is the one for this pass of this convolution, unless one before it is. */
  suits(backend: OneDnnBackend, convolution: Convolution, pass: 'forward' | 'input' | 'kernel'): boolean;
  forward(backend: OneDnnBackend, convolution: Convolution, arrays: ForwardArrays): void;
  /** dx of dy and kernel. */
  readonly inputGradient: Gradient;
  /** dkernel of x and dy. */
  readonly kernelGradient: Gradient;
}

/** Works on the pixels that a strided 1x1 convolution reads, gathered into one array. */
const gathered: Method = {
  suits: (_, convolution) => isStridedPointwise(convolution),
  forward: (backend, convolution, arrays) =>
    withGathered(backend, convolution, arrays.x, (inner, x) => forward(backend, inner, { ...arrays, x })),
  inputGradient: (backend, convolution, dy, kernel, dx) => {
    const inner = ofGathered(convolution);
    backend.scratch(sizeOf(inner.input), (read) => {
      inputGradient(backend, inner, dy, kernel, read);
      scatter(backend, read, convolution, dx);
    });
  },
  kernelGradient: (backend, convolution, x, dy, dkernel) =>
    withGathered(backend, convolution, x, (inner, read) => kernelGradient(backend, inner, read, dy, dkernel)),
};

/** Winograd's form, as products of matrices. */
const winograd: Method = {
  suits: ({ runtime }, convolution) => suitsWinogradProducts(runtime, convolution),
  forward: (backend, convolution, { x, kernel, y, bias, relu = false }) => {
    convolveInTiles(backend, convolution, 'forward', x, kernel, y);
    if (bias) binary(backend, ALGORITHM.add, imagesOf(outputShape(convolution)), channels(bias.length)).run(y, bias, y);
    if (relu) rectify(backend, y, y);
  },
  inputGradient: (backend, convolution, dy, kernel, dx) =>
    convolveInTiles(backend, convolution, 'input', dy, kernel, dx),
  kernelGradient: kernelGradientInTiles,
};

/** One product of matrices for each output pixel of small maps, without the taps that see no image. */
const byPixels: Method = {
  suits: isOfFewPixels,
  forward: (backend, convolution, { x, kernel, y, bias, relu = false }) => {
    convolveByPixels(backend, convolution, x, kernel, y, bias);
    if (relu) rectify(backend, y, y);
  },
  inputGradient: inputGradientByPixels,
  kernelGradient: kernelGradientByPixels,
};

/** The library's convolution, which takes any. */
const direct: Method = {
  suits: () => true,
  forward: (backend, convolution, { x, kernel, y, bias, relu = false, keptWith }) => {
    if (!bias) {
      compiled(backend, convolution, 'forward').run(backend, [x, kernel, y]);
      return;
    }
    const data = [x, kernel, y, bias] as const;
    if (relu && y.length >= LARGE) {
      const fused = compiled(backend, convolution, 'biased-relu');
      if (givenFinite(backend, fused, data, keptWith)) {
        runKept(backend, fused, data, keptWith);
        return;
      }
    }
    runKept(backend, compiled(backend, convolution, 'biased'), data, keptWith);
    if (relu) rectify(backend, y, y);
  },
  inputGradient: (backend, convolution, dy, kernel, dx) =>
    compiled(backend, convolution, 'input').run(backend, [dy, kernel, dx]),
  kernelGradient: (backend, convolution, x, dy, dkernel) =>
    compiled(backend, convolution, 'kernel').run(backend, [x, dy, dkernel]),
};

/** From here on it costs less to look for NaNs in what is read than to go over what was written once more. */
const LARGE = 65_536;

/** Arrays of a convolution with a bias. */
type BiasedArrays = readonly [x: Float32Array, kernel: Float32Array, y: Float32Array, bias: Float32Array];

/**
 * Returns true if nothing that a convolution is given is NaN or infinite: the library's own ReLU makes 0 of NaN. A kernel that was kept
 * for its ReLU was found finite then.
 */
function givenFinite(
  backend: OneDnnBackend,
  { operation }: CompiledConvolution,
  [x, kernel, , bias]: BiasedArrays,
  keptWith: tf.TensorInfo | undefined,
): boolean {
  const kept = keptWith && backend.attached(keptWith, operation.name);
  return (kept ? [x, bias] : [x, bias, kernel]).every((values) => allFinite(backend, values));
}

/** Runs on the kernel in the layout that the operation chose, which is kept with its tensor if there is one. */
function runKept(
  backend: OneDnnBackend,
  form: CompiledConvolution,
  [x, kernel, y, bias]: BiasedArrays,
  keptWith: tf.TensorInfo | undefined,
): void {
  if (!keptWith) {
    form.run(backend, [x, kernel, y, bias]);
    return;
  }
  const { name } = form.operation;
  let laidOut = backend.attached(keptWith, name);
  if (!laidOut) {
    laidOut = form.layOut(backend, kernel);
    if (laidOut) backend.attach(keptWith, name, laidOut);
  }
  form.run(backend, [x, laidOut ?? kernel, y, bias], true);
}

const METHODS: readonly Method[] = [gathered, winograd, byPixels, direct];

const methodFor = (...of: Parameters<Method['suits']>): Method =>
  METHODS.find((method) => method.suits(...of)) ?? direct;

function forward(backend: OneDnnBackend, convolution: Convolution, arrays: ForwardArrays): void {
  methodFor(backend, convolution, 'forward').forward(backend, convolution, arrays);
}

/** Writes x * kernel into y, with the bias `[O]` if there is one. */
export function convolve(
  backend: OneDnnBackend,
  convolution: Convolution,
  x: Float32Array,
  kernel: Float32Array,
  y: Float32Array,
  bias?: Float32Array,
): void {
  forward(backend, convolution, { x, kernel, y, bias });
}

/** Writes x * kernel + bias, or its positive part, into y, for inference; `of` is the kernel's tensor. */
export function convolveBiased(
  backend: OneDnnBackend,
  convolution: Convolution,
  relu: boolean,
  [x, kernel, bias]: readonly [Float32Array, Float32Array, Float32Array],
  of: tf.TensorInfo,
  y: Float32Array,
): void {
  forward(backend, convolution, { x, kernel, y, bias, relu, keptWith: of });
}

/** Writes the gradient by x into dx. */
export function inputGradient(
  backend: OneDnnBackend,
  convolution: Convolution,
  dy: Float32Array,
  kernel: Float32Array,
  dx: Float32Array,
): void {
  methodFor(backend, convolution, 'input').inputGradient(backend, convolution, dy, kernel, dx);
}

/** Writes the gradient by the kernel into dkernel. */
export function kernelGradient(
  backend: OneDnnBackend,
  convolution: Convolution,
  x: Float32Array,
  dy: Float32Array,
  dkernel: Float32Array,
): void {
  methodFor(backend, convolution, 'kernel').kernelGradient(backend, convolution, x, dy, dkernel);
}

/** Runs work on the pixels that a strided 1x1 convolution reads. */
function withGathered(
  backend: OneDnnBackend,
  convolution: Convolution,
  x: Float32Array,
  work: (inner: Convolution, read: Float32Array) => void,
): void {
  const inner = ofGathered(convolution);
  backend.scratch(sizeOf(inner.input), (read) => {
    gather(backend, x, convolution, read);
    work(inner, read);
  });
}
