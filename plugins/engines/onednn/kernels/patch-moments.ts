import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type PatchMomentsAttributes } from '../../../../core/engine/kernels.js';
import { ALGORITHM } from '../ffi/constants.js';
import type { OneDnnBackend } from '../backend.js';
import { convolve, kernelGradient } from '../convolution.js';
import { distances, fullWindow, halfWindow, unfold } from '../distances.js';
import { binary, row, SCALAR } from '../elementwise.js';
import { addToPart, type ImagePart, imageParts, withPart } from '../image-parts.js';
import { sizeOf } from './geometry.js';
import { sum } from './reductions.js';
import { kernelOfProducts } from './register.js';
import { expectShape, shape4 } from './shapes.js';

/** Where a part's matrices and its sums begin in a moments tensor `[B·C + F, C]`. */
interface Place {
  readonly part: ImagePart;
  readonly matrices: number;
  readonly sums: number;
}

/** The parts with their places, and the tensor's rows. */
function layout(parts: readonly ImagePart[], channels: number): { places: Place[]; rows: number } {
  const matrices = parts.reduce((sum, { reach }) => sum + distances(reach), 0);
  let next = 0;
  const places = parts.map((part, index): Place => {
    const own = next;
    next += distances(part.reach) * channels ** 2;
    return { part, matrices: own, sums: (matrices * channels + index) * channels };
  });
  return { places, rows: matrices * channels + parts.length };
}

/** Multiplies values by a factor where they are, or into other ones. */
function scale(backend: OneDnnBackend, values: Float32Array, factor: number, to: Float32Array): void {
  binary(backend, ALGORITHM.multiply, row(values.length), SCALAR).run(values, Float32Array.of(factor), to);
}

const forward = kernelOfProducts<{ x: tf.TensorInfo }, PatchMomentsAttributes>(
  KERNELS.patchMoments,
  (backend, { x }, { size }) => {
    const shape = shape4(KERNELS.patchMoments, 'x', x.shape);
    const values = backend.floats(x, KERNELS.patchMoments, 'x');
    const channels = shape[3];
    const { places, rows } = layout(imageParts(shape, size), channels);
    const y = backend.output([rows, channels]);
    for (const { part, matrices, sums } of places) {
      withPart(backend, values, shape, part, (own) => {
        const convolution = halfWindow(part);
        const products = y.values.subarray(matrices, matrices + distances(part.reach) * channels ** 2);
        if (distances(part.reach) === 1) kernelGradient(backend, convolution, own, own, products);
        else
          backend.scratch(sizeOf(convolution.kernel), (half) => {
            kernelGradient(backend, convolution, own, own, half);
            unfold(half, part, products);
          });
        sum(backend, own, [1, own.length / channels, channels], y.values.subarray(sums, sums + channels));
      });
    }
    scale(backend, y.values, channels / values.length, y.values);
    return y.info;
  },
);

/** A quadratic form's dx is twice the convolution of x with the gradient of its distances. */
const gradient = kernelOfProducts<{ x: tf.TensorInfo; dmoments: tf.TensorInfo }, PatchMomentsAttributes>(
  KERNELS.patchMomentsGradient,
  (backend, { x, dmoments }, { size }) => {
    const name = KERNELS.patchMomentsGradient;
    const shape = shape4(name, 'x', x.shape);
    const channels = shape[3];
    const { places, rows } = layout(imageParts(shape, size), channels);
    expectShape(name, 'dmoments', dmoments.shape, [rows, channels]);
    const values = backend.floats(x, name, 'x');
    const given = backend.floats(dmoments, name, 'dmoments');
    const dx = backend.output(shape);
    backend.scratch(given.length, (twice) => {
      scale(backend, given, (2 * channels) / values.length, twice);
      for (const [index, { part, matrices, sums }] of places.entries()) {
        const convolution = fullWindow(part);
        const taps = twice.subarray(matrices, matrices + sizeOf(convolution.kernel));
        const shift = new Float32Array(channels);
        for (let channel = 0; channel < channels; channel++) shift[channel] = (twice[sums + channel] as number) / 2;
        withPart(backend, values, shape, part, (own) => {
          if (index === 0) {
            convolve(backend, convolution, own, taps, dx.values, shift);
            return;
          }
          backend.scratch(own.length, (pulled) => {
            convolve(backend, convolution, own, taps, pulled, shift);
            addToPart(backend, dx.values, shape, part, pulled);
          });
        });
      }
    });
    return dx.info;
  },
);

export const patchMoments = [forward, gradient];
