import type * as tf from '@tensorflow/tfjs-core';
import { ALGORITHM } from './abi.js';
import type { OneDnnBackend } from './backend.js';
import { type CompiledConvolution, compiled } from './compiled-convolution.js';
import type { Convolution } from './convolution-shape.js';
import { map } from './elementwise.js';
import { sizeOf } from './kernels/geometry.js';
import { convolveByPixels, inputGradientByPixels, isOfFewPixels, kernelGradientByPixels } from './pixel-products.js';
import { gather, isStridedPointwise, ofGathered, scatter } from './strided-pointwise.js';

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

/** y from x, kernel and bias, or dx from dy and kernel. */
function apply(
  backend: OneDnnBackend,
  { operation, reorder: toChosen, reordered }: CompiledConvolution,
  data: Float32Array,
  kernel: Float32Array,
  result: Float32Array,
  ...bias: readonly Float32Array[]
): void {
  if (!toChosen) {
    operation.run(data, kernel, result, ...bias);
    return;
  }
  backend.scratch(reordered, (chosen) => {
    toChosen.run(kernel, chosen);
    operation.run(data, chosen, result, ...bias);
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
  if (isOfFewPixels(backend, convolution, 'forward')) {
    convolveByPixels(backend, convolution, x, kernel, y, bias);
    return;
  }
  const operation = compiled(backend, convolution, bias ? 'biased' : 'forward');
  apply(backend, operation, x, kernel, y, ...(bias ? [bias] : []));
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
  if (isOfFewPixels(backend, convolution, 'forward')) {
    convolveByPixels(backend, convolution, x, kernel, y, bias);
    if (relu) map(backend, ALGORITHM.relu, y.length).run(y, y);
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
  if (isOfFewPixels(backend, convolution, 'input')) inputGradientByPixels(backend, convolution, dy, kernel, dx);
  else apply(backend, compiled(backend, convolution, 'input'), dy, kernel, dx);
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
  if (isOfFewPixels(backend, convolution, 'kernel')) {
    kernelGradientByPixels(backend, convolution, x, dy, dkernel);
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
