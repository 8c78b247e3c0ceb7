import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type ScaleNormAttributes } from '../../../../core/engine/kernels.js';
import { ALGORITHM } from '../ffi/constants.js';
import { binary, channels, imagesOf, plus } from '../elementwise.js';
import { normalization, normalizationGradient } from '../normalization.js';
import { sizeOf } from './geometry.js';
import { kernel } from './register.js';
import { expectShape, shape4 } from './shapes.js';

/** The library normalises, and the mean's share is put back: y = γ(u − μ)/σ + μγ/σ. */
const forward = kernel<{ u: tf.TensorInfo; gamma: tf.TensorInfo }, ScaleNormAttributes>(
  KERNELS.scaleNorm,
  (backend, { u, gamma }, { epsilon }) => {
    const name = KERNELS.scaleNorm;
    const shape = shape4(name, 'u', u.shape);
    const count = shape[3];
    expectShape(name, 'gamma', gamma.shape, [count]);
    const [values, scales] = [backend.floats(u, name, 'u'), backend.floats(gamma, name, 'gamma')];
    const [y, moments] = [backend.output(shape), backend.output([2, count])];
    const [mean, variance] = [moments.values.subarray(0, count), moments.values.subarray(count)];
    backend.scratch(2 * count, (affine) => {
      affine.set(scales);
      affine.fill(0, count);
      normalization(backend, { shape, epsilon }, false).run(values, affine, mean, variance, y.values);
      const shares = affine.subarray(0, count);
      for (let channel = 0; channel < count; channel++) {
        const inverse = 1 / Math.sqrt((variance[channel] as number) + epsilon);
        shares[channel] = (mean[channel] as number) * (scales[channel] as number) * inverse;
      }
      const extent = imagesOf(shape);
      binary(backend, ALGORITHM.add, extent, channels(count)).run(y.values, shares, y.values);
    });
    return [y.info, moments.info];
  },
);

interface GradientInputs {
  readonly dy: tf.TensorInfo;
  readonly u: tf.TensorInfo;
  readonly gamma: tf.TensorInfo;
  readonly moments: tf.TensorInfo;
}

/**
 * The library's du is γ/σ · (dy − D/M − û G/M) with D = Σ dy and G = Σ dy·û. Ours keeps the mean of dy, and its
 * S = G + Dμ/σ stands where G does: what is missing is γ/σ · D/M · (1 − û μ/σ), a line in u for each channel.
 */
const gradient = kernel<GradientInputs, ScaleNormAttributes>(
  KERNELS.scaleNormGradient,
  (backend, inputs, { epsilon }) => {
    const name = KERNELS.scaleNormGradient;
    const shape = shape4(name, 'u', inputs.u.shape);
    const count = shape[3];
    expectShape(name, 'dy', inputs.dy.shape, shape);
    expectShape(name, 'gamma', inputs.gamma.shape, [count]);
    expectShape(name, 'moments', inputs.moments.shape, [2, count]);
    const read = (input: keyof GradientInputs) => backend.floats(inputs[input], name, input);
    const [dy, u, gamma, moments] = [read('dy'), read('u'), read('gamma'), read('moments')];
    const [mean, variance] = [moments.subarray(0, count), moments.subarray(count)];
    const [du, dgamma] = [backend.output(shape), backend.output([count])];
    const pixels = sizeOf(shape) / count;
    const [affine, sums] = [backend.borrow(2 * count), backend.borrow(2 * count)];
    affine.set(gamma);
    affine.fill(0, count);
    normalizationGradient(backend, { shape, epsilon }, false).run(u, affine, mean, variance, dy, du.values, sums);
    for (let channel = 0; channel < count; channel++) {
      const inverse = 1 / Math.sqrt((variance[channel] as number) + epsilon);
      const total = sums[count + channel] as number;
      const centre = (mean[channel] as number) * inverse;
      const missing = ((gamma[channel] as number) * inverse * total) / pixels;
      dgamma.values[channel] = (sums[channel] as number) + centre * total;
      affine[channel] = -missing * centre * inverse;
      affine[count + channel] = missing * (1 + centre * centre);
    }
    const [slope, shift] = [affine.subarray(0, count), affine.subarray(count)];
    const extent = imagesOf(shape);
    binary(backend, ALGORITHM.multiply, extent, channels(count), [plus(extent), plus(channels(count))]).run(
      ...[u, slope, du.values, shift, du.values],
    );
    backend.giveBack(affine);
    backend.giveBack(sums);
    return [du.info, dgamma.info];
  },
);

export const scaleNorms = [forward, gradient];
