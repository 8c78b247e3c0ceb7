import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type PatchMomentsAttributes } from '../../../../core/ops/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { convolve, kernelGradient } from '../convolution.js';
import { distances, fullWindow, halfWindow, unfold } from '../distances.js';
import { addToPart, type ImagePart, imageParts, withPart } from '../image-parts.js';
import { multiply } from '../matrix.js';
import { sizeOf } from './geometry.js';
import { kernel } from './register.js';
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

function sumChannels(backend: OneDnnBackend, values: Float32Array, scale: number, to: Float32Array): void {
  const [rows, channels] = [values.length / to.length, to.length];
  backend.scratch(rows, (ones) => {
    const weights = { values: ones.fill(scale), transposed: false };
    multiply(backend, [1, rows, channels], weights, { values, transposed: false }, to);
  });
}

const forward = kernel<{ x: tf.TensorInfo }, PatchMomentsAttributes>(
  KERNELS.patchMoments,
  (backend, { x }, { size }) => {
    const shape = shape4(KERNELS.patchMoments, 'x', x.shape);
    const values = backend.floats(x, KERNELS.patchMoments, 'x');
    const [, height, width, channels] = shape;
    const { places, rows } = layout(imageParts(shape, size), channels);
    const y = backend.output([rows, channels]);
    const share = channels / values.length;
    for (const { part, matrices, sums } of places) {
      withPart(backend, values, height * width, part, (own) => {
        const convolution = halfWindow(part);
        backend.scratch(sizeOf(convolution.kernel), (half) => {
          kernelGradient(backend, convolution, own, own, half);
          const end = matrices + distances(part.reach) * channels ** 2;
          unfold(half, part, share, y.values.subarray(matrices, end));
        });
        sumChannels(backend, own, share, y.values.subarray(sums, sums + channels));
      });
    }
    return y.info;
  },
);

/** A quadratic form's dx is twice the convolution of x with the gradient of its distances. */
const gradient = kernel<{ x: tf.TensorInfo; dmoments: tf.TensorInfo }, PatchMomentsAttributes>(
  KERNELS.patchMomentsGradient,
  (backend, { x, dmoments }, { size }) => {
    const name = KERNELS.patchMomentsGradient;
    const shape = shape4(name, 'x', x.shape);
    const [, height, width, channels] = shape;
    const { places, rows } = layout(imageParts(shape, size), channels);
    expectShape(name, 'dmoments', dmoments.shape, [rows, channels]);
    const values = backend.floats(x, name, 'x');
    const given = backend.floats(dmoments, name, 'dmoments');
    const share = channels / values.length;
    const dx = backend.output(shape);
    for (const [index, { part, matrices, sums }] of places.entries()) {
      const convolution = fullWindow(part);
      const shift = given.subarray(sums, sums + channels).map((value) => value * share);
      backend.scratch(sizeOf(convolution.kernel), (taps) => {
        for (let at = 0; at < taps.length; at++) taps[at] = 2 * share * (given[matrices + at] as number);
        withPart(backend, values, height * width, part, (own) => {
          if (index === 0) {
            convolve(backend, convolution, own, taps, dx.values, shift);
            return;
          }
          backend.scratch(own.length, (pulled) => {
            convolve(backend, convolution, own, taps, pulled, shift);
            addToPart(dx.values, pulled, height * width, part);
          });
        });
      });
    }
    return dx.info;
  },
);

export const patchMoments = [forward, gradient];
