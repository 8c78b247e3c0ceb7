import * as tf from '@tensorflow/tfjs-core';
import { distance } from '../../../../core/engine/conformance/check.js';
import { useCpu } from '../../../core/engine/cpu.js';
import { onednn } from '../../../../plugins/engines/onednn/engine.js';
import { here } from './here.js';

// TensorFlow.js' own kernels that this engine computes: small tensors in loops, large ones in the library.
const random = (shape: number[], seed: number, low = -2): tf.Tensor => tf.randomUniform(shape, low, 2, 'float32', seed);
const positive = (shape: number[], seed: number): tf.Tensor => random(shape, seed, 0.1);

const SMALL = [2, 3, 4];
const LARGE = [8, 16, 48];

const KINDS = ['alike', 'a scalar', 'channels', 'the first smaller', 'rows'] as const;

/** One pair of each kind. */
const pairs = (shape: number[]): [tf.Tensor, tf.Tensor][] => [
  [random(shape, 1), positive(shape, 2)],
  [random(shape, 1), positive([], 2)],
  [random(shape, 1), positive([shape.at(-1) as number], 2)],
  [positive([shape.at(-1) as number], 2), positive(shape, 1)],
  [random(shape, 1), positive([shape[1] as number, 1], 2)],
];

const binary = { add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, maximum: tf.maximum, minimum: tf.minimum };
const maps = {
  relu: tf.relu,
  neg: tf.neg,
  square: tf.square,
  abs: tf.abs,
  exp: tf.exp,
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
};
const positiveMaps = { sqrt: tf.sqrt, log: tf.log, rsqrt: tf.rsqrt, reciprocal: tf.reciprocal };

const cases: readonly (readonly [string, () => tf.Tensor])[] = [SMALL, LARGE].flatMap((shape) => [
  ...Object.entries(binary).flatMap(([name, operation]) =>
    KINDS.map((kind, index): [string, () => tf.Tensor] => [
      `${name} of [${shape}], ${kind}`,
      () => {
        const [a, b] = pairs(shape)[index] as [tf.Tensor, tf.Tensor];
        return operation(a, b);
      },
    ]),
  ),
  ...Object.entries(maps).map(([name, map]): [string, () => tf.Tensor] => [
    `${name} of [${shape}]`,
    () => map(random(shape, 3)),
  ]),
  ...Object.entries(positiveMaps).map(([name, map]): [string, () => tf.Tensor] => [
    `${name} of [${shape}]`,
    () => map(positive(shape, 4)),
  ]),
  ...[[0], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]].flatMap((axes): [string, () => tf.Tensor][] => [
    [`sum of [${shape}] over ${axes}`, () => tf.sum(random(shape, 5), axes)],
    [`mean of [${shape}] over ${axes}, kept`, () => tf.mean(random(shape, 5), axes, true)],
  ]),
  [
    `pad of [${shape}]`,
    () =>
      tf.pad(
        random(shape, 6),
        [
          [1, 0],
          [0, 2],
          [3, 1],
        ],
        0.5,
      ),
  ],
  [`slice of [${shape}]`, () => tf.slice(random(shape, 7), [1, 1, 1], [1, 2, 3])],
  [`slice of whole rows of [${shape}]`, () => tf.slice(random(shape, 7), [1, 0, 0], [1, -1, -1])],
  [`tile of [${shape}]`, () => tf.tile(random(shape, 8), [3, 1, 1])],
  [`tile of [${shape}] within`, () => tf.tile(random(shape, 8), [1, 2, 1])],
  [`sum of three [${shape}]`, () => tf.addN([random(shape, 9), random(shape, 10), random(shape, 11)])],
  ...[false, true].flatMap((a) =>
    [false, true].map((b): [string, () => tf.Tensor] => [
      `product of [${shape}]${a ? ', first turned' : ''}${b ? ', second turned' : ''}`,
      () => {
        const [batch, rows, inner] = shape as [number, number, number];
        return tf.matMul(
          random(a ? [batch, inner, rows] : [batch, rows, inner], 12),
          random(b ? [batch, 7, inner] : [batch, inner, 7], 13),
          a,
          b,
        );
      },
    ]),
  ),
  [`product of [${shape}] with one matrix`, () => tf.matMul(random(shape, 14), random([1, shape[2] as number, 5], 15))],
]);

const all = (): Float32Array[] => cases.map(([, compute]) => tf.tidy(() => Float32Array.from(compute().dataSync())));

here("computes TensorFlow.js' own kernels as the reference, small and large", async (t) => {
  await useCpu();
  const expected = all();
  const session = await onednn.start({ threads: 2 });
  const found = all();
  for (const [index, [title]] of cases.entries()) {
    const error = distance(expected[index] as Float32Array, found[index] as Float32Array);
    t.true(error <= 1e-5, `${title}: ${error}`);
  }
  t.true(cases.length > 100);
  await session.stop();
});
