import * as tf from '@tensorflow/tfjs-core';
import { runAveragePool, runAveragePoolGradient, runMaxPool, runMaxPoolGradient } from './pools.js';
import { fallback, kernel } from './register.js';
import { isFloat, poolingOf, type WindowAttributes } from './tensorflow-geometry.js';

interface Attributes extends WindowAttributes {
  readonly filterSize: number | readonly number[];
}

/** TensorFlow.js' own pools, as a model that is none of ours calls them. */
export const tensorflowPools = [
  kernel<{ x: tf.TensorInfo }, Attributes>(tf.MaxPool, (backend, inputs, attributes) => {
    const pooling = poolingOf(tf.MaxPool, 'maximum', inputs.x.shape, attributes);
    if (!pooling || !isFloat(inputs.x)) return fallback(tf.MaxPool, backend, inputs, attributes);
    return runMaxPool(backend, tf.MaxPool, pooling, inputs.x);
  }),
  kernel<Record<'dy' | 'input' | 'output', tf.TensorInfo>, Attributes>(
    tf.MaxPoolGrad,
    (backend, inputs, attributes) => {
      const { dy, input, output } = inputs;
      const pooling = poolingOf(tf.MaxPoolGrad, 'maximum', input.shape, attributes);
      if (!pooling || !isFloat(dy, input, output)) return fallback(tf.MaxPoolGrad, backend, inputs, attributes);
      return runMaxPoolGradient(backend, tf.MaxPoolGrad, pooling, { x: input, y: output, dy });
    },
  ),
  kernel<{ x: tf.TensorInfo }, Attributes>(tf.AvgPool, (backend, inputs, attributes) => {
    const pooling = poolingOf(tf.AvgPool, 'average-inside', inputs.x.shape, attributes);
    if (!pooling || !isFloat(inputs.x)) return fallback(tf.AvgPool, backend, inputs, attributes);
    return runAveragePool(backend, tf.AvgPool, pooling, inputs.x);
  }),
  kernel<Record<'dy' | 'input', tf.TensorInfo>, Attributes>(tf.AvgPoolGrad, (backend, inputs, attributes) => {
    const { dy, input } = inputs;
    // The gradient of TensorFlow.js counts the border in the divisor, although its pool does not: it is kept as it is everywhere.
    const pooling = poolingOf(tf.AvgPoolGrad, 'average', input.shape, attributes);
    if (!pooling || !isFloat(dy)) return fallback(tf.AvgPoolGrad, backend, inputs, attributes);
    return runAveragePoolGradient(backend, tf.AvgPoolGrad, pooling, dy);
  }),
];
