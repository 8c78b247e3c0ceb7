import * as tf from '@tensorflow/tfjs-core';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import fc from 'fast-check';
import { values } from '../../../core/engine/conformance/values.js';
import { averagePool, convolve, maxPool } from '../../../core/engine/index.js';
import { useCpu } from './cpu.js';
import { assertClose, assertDifferentiates } from './gradient-check.js';
import * as naive from './naive.js';

// Shapes that nobody thought of: the reference against loops in float64, values and gradients.

test.before(useCpu);

const SEED = 20_261_128;
const RUNS = { seed: SEED, numRuns: 25 };

const small = fc.integer({ min: 1, max: 5 });
const window = fc.record({
  images: fc.integer({ min: 1, max: 2 }),
  height: small,
  width: small,
  size: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  stride: fc.integer({ min: 1, max: 4 }),
  padding: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
  dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  groups: fc.integer({ min: 1, max: 3 }),
  inputs: fc.integer({ min: 1, max: 2 }),
  outputs: fc.integer({ min: 1, max: 2 }),
});

const fits = (length: number, size: number, padding: number, dilation = 1): boolean =>
  length + 2 * padding >= (size - 1) * dilation + 1;

test('convolves any window, values and gradients', (t) => {
  fc.assert(
    fc.property(window, ({ images, height, width, size, groups, inputs, outputs, ...attributes }) => {
      const { padding, dilation } = attributes;
      fc.pre(fits(height, size[0], padding[0], dilation[0]) && fits(width, size[1], padding[1], dilation[1]));
      assertDifferentiates(t, `${height}x${width}, window ${size}, ${JSON.stringify(attributes)}`, {
        op: ([x, kernel]) => convolve(x as tf.Tensor4D, kernel as tf.Tensor4D, { ...attributes, groups }),
        naive: ([x, kernel]) =>
          naive.convolution(x as naive.Array64, kernel as naive.Array64, { ...attributes, groups }),
        inputs: [values(1, [images, height, width, groups * inputs]), values(2, [...size, inputs, groups * outputs])],
      });
    }),
    RUNS,
  );
});

test('pools any window, also one larger than the images, values and gradients', (t) => {
  fc.assert(
    fc.property(window, fc.integer({ min: 1, max: 9 }), ({ images, height, width, stride, groups }, size) => {
      const padding = Math.floor(size / 2);
      fc.pre(fits(height, size, padding) && fits(width, size, padding));
      const attributes = { size, stride, padding };
      const title = `${height}x${width}, ${JSON.stringify(attributes)}`;
      // Apart by more than the step of the differences, so that the largest stays the largest.
      const x = values(3, [images, height, width, groups], { low: -9, high: 9 });
      assertDifferentiates(t, title, {
        op: ([given]) => maxPool(given as tf.Tensor4D, attributes),
        naive: ([given]) => naive.maxPool(given as naive.Array64, attributes),
        inputs: [x],
      });
      assertDifferentiates(t, title, {
        op: ([given]) => averagePool(given as tf.Tensor4D, attributes),
        naive: ([given]) => naive.averagePool(given as naive.Array64, attributes),
        inputs: [x],
      });
    }),
    RUNS,
  );
});

test("gives TensorFlow.js' own convolutions a border of a number of pixels on each side", (t) => {
  fc.assert(
    fc.property(window, ({ images, height, width, size, stride, padding: [pad], inputs, outputs }) => {
      fc.pre(fits(height, size[0], pad) && fits(width, size[1], pad));
      const x = values(4, [images, height, width, inputs]);
      const kernel = values(5, [...size, inputs, outputs]);
      const wide = ({ shape, data }: typeof x) => ({ shape, data: Float64Array.from(data) });
      const attributes = { stride, padding: [pad, pad] as const, groups: 1 };
      const expected = naive.convolution(wide(x), wide(kernel), attributes);
      const found = tf.tidy(() => ownConvolution(x, kernel, stride, pad));
      assertClose(t, `${height}x${width}, window ${size}, stride ${stride}, pad ${pad}`, expected, found);
      found.dispose();
    }),
    RUNS,
  );
});

type Given = ReturnType<typeof values>;

const ownConvolution = (x: Given, kernel: Given, stride: number, pad: number): tf.Tensor =>
  tf.conv2d(
    tf.tensor<tf.Rank.R4>(x.data, [...x.shape] as [number, number, number, number]),
    tf.tensor<tf.Rank.R4>(kernel.data, [...kernel.shape] as [number, number, number, number]),
    stride,
    pad,
  );

function assertIs(t: ExecutionContext, title: string, found: tf.Tensor, expected: readonly number[]): void {
  t.deepEqual([...found.dataSync()], [...expected], title);
}

test('keeps NaN where a maximum, a sign or a window sees it', (t) => {
  const x = tf.tensor4d([1, Number.NaN, 3, Number.NEGATIVE_INFINITY], [1, 2, 2, 1]);
  assertIs(t, 'own pool', maxPool(x, { size: 2, stride: 1, padding: 0 }), [Number.NaN]);
  assertIs(t, 'pool', tf.maxPool(x, 2, 1, 'same'), [Number.NaN, Number.NaN, 3, Number.NEGATIVE_INFINITY]);
  assertIs(t, 'sign', tf.sign(x), [1, Number.NaN, 1, -1]);
});

test('reduces no values to the neutral element', (t) => {
  const none = tf.zeros([0, 2]);
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  assertIs(t, 'sum', tf.sum(none, 0), [0, 0]);
  assertIs(t, 'product', tf.prod(none, 0), [1, 1]);
  assertIs(t, 'mean', tf.mean(none, 0), [nan, nan]);
  assertIs(t, 'maximum', tf.max(none, 0), [-infinity, -infinity]);
  assertIs(t, 'minimum', tf.min(none, 0), [infinity, infinity]);
  assertIs(t, 'of all axes', tf.sum(none), [0]);
});
