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

/** Does the work on the pixels that a strided 1x1 convolution reads. */
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

/** x * kernel, and the bias `[O]` where there is one. */
export function convolve(
  backend: OneDnnBackend,
  convolution: Convolution,
  x: Float32Array,
  kernel: Float32Array,
  y: Float32Array,
  bias?: Float32Array,
): void {
  if (isStridedPointwise(convolution)) {
    withGathered(backend, convolution, x, (inner, read) => convolve(backend, inner, read, kernel, y, bias));
    return;
  }
  if (suitsWinogradProducts(backend.runtime, convolution)) {
    convolveInTiles(backend, convolution, 'forward', x, kernel, y);
    if (bias) addBias(backend, convolution, bias, y);
    return;
  }
  if (isOfFewPixels(backend, convolution, 'forward')) {
    convolveByPixels(backend, convolution, x, kernel, y, bias);
    return;
  }
  if (bias) compiled(backend, convolution, 'biased').run(backend, [x, kernel, y, bias]);
  else compiled(backend, convolution, 'forward').run(backend, [x, kernel, y]);
}

/**
 * act(x * kernel + bias) for inference. The kernel in the layout that the operation chose is kept with its tensor `of`, since the
 * same kernel comes again with the next batch. The operation's own ReLU makes 0 of NaN: it runs only on what is finite.
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
  const data = [x, kernel, y, bias] as const;
  if (suitsWinogradProducts(backend.runtime, convolution) || isOfFewPixels(backend, convolution, 'forward'))
    convolve(backend, convolution, x, kernel, y, bias);
  else if (relu && y.length >= LARGE) {
    const fused = compiled(backend, convolution, 'biased-relu');
    if (givenFinite(backend, fused, [x, kernel, bias], of)) {
      runKept(backend, fused, data, of);
      return;
    }
    runKept(backend, compiled(backend, convolution, 'biased'), data, of);
  } else runKept(backend, compiled(backend, convolution, 'biased'), data, of);
  if (relu) rectify(backend, y, y);
}

/** From here on it costs less to look for NaNs in what is read than to go over what was written once more. */
const LARGE = 65_536;

/** True if nothing that a convolution is given is NaN or infinite. A kernel that was kept for its ReLU was found so then. */
function givenFinite(
  backend: OneDnnBackend,
  { operation }: CompiledConvolution,
  [x, kernel, bias]: readonly [Float32Array, Float32Array, Float32Array],
  of: tf.TensorInfo,
): boolean {
  const given = backend.attached(of, operation.name) ? [x, bias] : [x, bias, kernel];
  return given.every((values) => allFinite(backend, values));
}

/** Runs on the kernel in the layout that the operation chose, which is kept with its tensor. */
function runKept(
  backend: OneDnnBackend,
  compiledForm: CompiledConvolution,
  [x, kernel, y, bias]: readonly [Float32Array, Float32Array, Float32Array, Float32Array],
  of: tf.TensorInfo,
): void {
  const { name } = compiledForm.operation;
  let laidOut = backend.attached(of, name);
  if (!laidOut) {
    laidOut = compiledForm.layOut(backend, kernel);
    if (laidOut) backend.attach(of, name, laidOut);
  }
  compiledForm.run(backend, [x, laidOut ?? kernel, y, bias], true);
}

/** y + bias `[O]`, in y's place. */
function addBias(backend: OneDnnBackend, convolution: Convolution, bias: Float32Array, y: Float32Array): void {
  binary(backend, ALGORITHM.add, imagesOf(outputShape(convolution)), channels(bias.length)).run(y, bias, y);
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
      scatter(backend, gathered, convolution, dx);
    });
    return;
  }
  if (suitsWinogradProducts(backend.runtime, convolution))
    convolveInTiles(backend, convolution, 'input', dy, kernel, dx);
  else if (isOfFewPixels(backend, convolution, 'input')) inputGradientByPixels(backend, convolution, dy, kernel, dx);
  else compiled(backend, convolution, 'input').run(backend, [dy, kernel, dx]);
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
  if (suitsWinogradProducts(backend.runtime, convolution)) {
    kernelGradientInTiles(backend, convolution, x, dy, dkernel);
    return;
  }
  if (isOfFewPixels(backend, convolution, 'kernel')) {
    kernelGradientByPixels(backend, convolution, x, dy, dkernel);
    return;
  }
  compiled(backend, convolution, 'kernel').run(backend, [x, dy, dkernel]);
}
