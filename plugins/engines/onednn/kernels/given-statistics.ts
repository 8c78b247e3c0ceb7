import * as tf from '@tensorflow/tfjs-core';
import { ALGORITHM } from '../ffi/constants.js';
import { binary, channels, imagesOf, plus } from '../elementwise.js';
import { sizeOf } from './geometry.js';
import { fallback, kernel } from './register.js';

type Inputs = Record<'x' | 'mean' | 'variance', tf.TensorInfo> & {
  readonly offset?: tf.TensorInfo | null;
  readonly scale?: tf.TensorInfo | null;
};

/** TensorFlow.js' batch normalisation by given statistics, one a channel: x times a factor and a shift. */
export const givenStatistics = [
  kernel<Inputs, { readonly varianceEpsilon?: number }>(tf.FusedBatchNorm, (backend, inputs, attributes) => {
    const { x, mean, variance, offset, scale } = inputs;
    const count = x.shape.at(-1) ?? 1;
    const vectors = [mean, variance, offset, scale].filter((tensor) => tensor !== undefined && tensor !== null);
    const isNative =
      sizeOf(x.shape) > 0 &&
      [x, ...vectors].every(({ dtype }) => dtype === 'float32') &&
      vectors.every(({ shape }) => shape.length === 1 && shape[0] === count);
    if (!isNative) return fallback(tf.FusedBatchNorm, backend, inputs as unknown as tf.NamedTensorInfoMap, attributes);
    const read = (tensor: tf.TensorInfo, name: string) => backend.floats(tensor, tf.FusedBatchNorm, name);
    const [means, variances] = [read(mean, 'mean'), read(variance, 'variance')];
    const [offsets, scales] = [offset && read(offset, 'offset'), scale && read(scale, 'scale')];
    const { varianceEpsilon = 0.001 } = attributes;
    const values = read(x, 'x');
    const y = backend.output(x.shape);
    backend.scratch(count, (factor) =>
      backend.scratch(count, (shift) => {
        for (let channel = 0; channel < count; channel++) {
          const deviation = Math.sqrt((variances[channel] as number) + varianceEpsilon);
          factor[channel] = (scales?.[channel] ?? 1) / deviation;
          shift[channel] = (offsets?.[channel] ?? 0) - (means[channel] as number) * (factor[channel] as number);
        }
        const images = imagesOf([values.length / count, 1, 1, count]);
        const operation = binary(backend, ALGORITHM.multiply, images, channels(count), [plus(channels(count))]);
        operation.run(values, factor, shift, y.values);
      }),
    );
    return y.info;
  }),
];
