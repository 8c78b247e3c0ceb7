import type * as tf from '@tensorflow/tfjs-core';
import { ALGORITHM } from './ffi/constants.js';
import type { OneDnnBackend } from './backend.js';
import { compiled } from './compiled-convolution.js';
import { type Convolution, outputShape } from './convolution-shape.js';
import { binary, channels, imagesOf, map, RELU } from './elementwise.js';
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
  if (suitsWinogradProducts(backend.runtime, convolution)) {
    convolveInTiles(backend, convolution, 'forward', x, kernel, y);
    addBias(backend, convolution, bias, y, relu);
    return;
  }
  if (isOfFewPixels(backend, convolution, 'forward')) {
    convolveByPixels(backend, convolution, x, kernel, y, bias);
    if (relu) map(backend, ALGORITHM.relu, y.length).run(y, y);
    return;
  }
  const pass = relu ? 'biased-relu' : 'biased';
  const operation = compiled(backend, convolution, pass);
  const { name } = operation.operation;
  let laidOut = backend.attached(of, name);
  if (!laidOut) {
    laidOut = operation.layOut(backend, kernel);
    if (laidOut) backend.attach(of, name, laidOut);
  }
  operation.run(backend, [x, laidOut ?? kernel, y, bias], true);
}

/** y + bias `[O]`, or its positive part, in y's place. */
function addBias(
  backend: OneDnnBackend,
  convolution: Convolution,
  bias: Float32Array,
  y: Float32Array,
  relu = false,
): void {
  const of = imagesOf(outputShape(convolution));
  binary(backend, ALGORITHM.add, of, channels(bias.length), relu ? [RELU] : []).run(y, bias, y);
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
