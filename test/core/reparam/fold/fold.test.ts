import test from 'ava';
import fc from 'fast-check';
import type { FoldedConvolution, Kernel64 } from '../../../../core/contracts/index.js';
import {
  addFolded,
  averageKernel,
  embed,
  foldAverage,
  foldConcat,
  foldNorm,
  foldSequence,
  foldSum,
  identityKernel64,
  splitGroups,
  withoutBias,
} from '../../../../core/reparam/fold/index.js';
import { addChannels, bordered } from '../../../../core/reparam/interpreters/loops64.js';
import { difference64, normal64, randomNorm } from '../../../../core/testing/random64.js';
import { geometries } from '../../../../core/testing/geometries.js';
import { type Array64, averagePool, convolution } from '../../engine/naive.js';

const EXACT = 1e-12;

type Random = (...shape: number[]) => Array64;

const kernelOf = (normal: Random, ...shape: [number, number, number, number]): Kernel64 => ({
  shape,
  data: normal(...shape).data,
});

const convolutionOf = (normal: Random, ...shape: [number, number, number, number]): FoldedConvolution => ({
  kernel: kernelOf(normal, ...shape),
  bias: normal(shape[3]).data,
});

/** A convolution with bias, by its definition. */
const apply = (
  { kernel, bias }: FoldedConvolution,
  x: Array64,
  at: { stride: number; padding: readonly [number, number]; groups: number },
): Array64 => addChannels(convolution(x, kernel, at), bias);

/** Runs a property over random blocks: `found` and `expected` are two ways to the same images. */
function holds(
  body: (given: {
    block: { inChannels: number; outChannels: number; kernelSize: number; stride: number; groups: number };
    x: Array64;
    normal: Random;
    /** The block's own stride, padding and groups. */
    at: { stride: number; padding: readonly [number, number]; groups: number };
  }) => { found: Array64; expected: Array64 },
): void {
  fc.assert(
    fc.property(geometries, ({ block, height, width, seed }) => {
      const normal = normal64(seed);
      const half = block.kernelSize >> 1;
      const at = { stride: block.stride, padding: [half, half] as const, groups: block.groups };
      const { found, expected } = body({ block, x: normal(2, height, width, block.inChannels), normal, at });
      const error = difference64(found.data, expected.data);
      return found.shape.join() === expected.shape.join() && error <= EXACT;
    }),
    { numRuns: 80, seed: 1 },
  );
}

test('I: a convolution with its batch-norm is the convolution that it folds into', (t) => {
  holds(({ block: { kernelSize: k, inChannels, outChannels, groups }, x, normal, at }) => {
    const given = convolutionOf(normal, k, k, inChannels / groups, outChannels);
    const norm = randomNorm(outChannels, normal);
    const before = apply(given, x, at);
    const expected = before.data.map((value, index) => {
      const channel = index % outChannels;
      const [mean, variance] = [norm.mean[channel] as number, norm.variance[channel] as number];
      const normalised = (value - mean) / Math.sqrt(variance + norm.epsilon);
      return (norm.gamma[channel] as number) * normalised + (norm.beta[channel] as number);
    });
    return { found: apply(foldNorm(given, norm), x, at), expected: { shape: before.shape, data: expected } };
  });
  t.pass();
});

test('II: a sum of convolutions is the convolution that they fold into', (t) => {
  holds(({ block: { kernelSize: k, inChannels, outChannels, groups }, x, normal, at }) => {
    const given = [1, 2, 3].map(() => convolutionOf(normal, k, k, inChannels / groups, outChannels));
    const [a, b, c] = given.map((one) => apply(one, x, at).data) as [Float64Array, Float64Array, Float64Array];
    const found = apply(foldSum(given), x, at);
    const expected = a.map((value, index) => value + (b[index] as number) + (c[index] as number));
    return { found, expected: { shape: found.shape, data: expected } };
  });
  t.pass();
});

test('III: a 1x1 convolution, a border of its bias and a KxK convolution are the one that they fold into', (t) => {
  holds(({ block: { kernelSize: k, inChannels, outChannels, groups }, x, normal, at }) => {
    const middle = 2 * groups;
    const first = convolutionOf(normal, 1, 1, inChannels / groups, middle);
    const second = convolutionOf(normal, k, k, middle / groups, outChannels);
    const between = apply(first, x, { stride: 1, padding: [0, 0], groups });
    const expected = apply(second, bordered(between, k >> 1, first.bias), { ...at, padding: [0, 0] });
    return { found: apply(foldSequence(first, second, groups), x, at), expected };
  });
  t.pass();
});

test('III: sums longer and rows more than one tile of the product come out the same', (t) => {
  for (const [inputs, middle, outputs] of [
    [131, 259, 7],
    [1, 512, 9],
    [257, 3, 1],
  ] as const) {
    const normal = normal64(inputs);
    const first = convolutionOf(normal, 1, 1, inputs, middle);
    const second = convolutionOf(normal, 3, 1, middle, outputs);
    const folded = foldSequence(first, second, 1);
    const expected = folded.kernel.data.map((_, index) => {
      const [pixel, o] = [Math.floor(index / (inputs * outputs)), index % outputs];
      const i = Math.floor(index / outputs) % inputs;
      let sum = 0;
      for (let m = 0; m < middle; m++)
        sum += first.kernel.data[i * middle + m]! * second.kernel.data[(pixel * middle + m) * outputs + o]!;
      return sum;
    });
    t.true(difference64(folded.kernel.data, expected) <= EXACT);
  }
});

test('IV: convolutions side by side are the one whose outputs are theirs in order', (t) => {
  holds(({ block: { kernelSize: k, inChannels, outChannels }, x, normal, at }) => {
    const parts = [outChannels, 2].map((outputs) => convolutionOf(normal, k, k, inChannels, outputs));
    const whole = { ...at, groups: 1 };
    const found = apply(foldConcat(parts), x, whole);
    const [left, right] = parts.map((part) => apply(part, x, whole).data) as [Float64Array, Float64Array];
    const data = found.data.map((_, index) => {
      const [pixel, channel] = [Math.floor(index / (outChannels + 2)), index % (outChannels + 2)];
      return channel < outChannels
        ? (left[pixel * outChannels + channel] as number)
        : (right[pixel * 2 + channel - outChannels] as number);
    });
    return { found, expected: { shape: found.shape, data } };
  });
  t.pass();
});

test('IV: the groups of a convolution, put side by side again, are the convolution', (t) => {
  const given = convolutionOf(normal64(3), 3, 5, 2, 12);
  for (const groups of [1, 2, 3, 4, 12]) t.deepEqual(foldConcat(splitGroups(given, groups)), given);
});

test('V: average pooling is the convolution that it folds into, its border counted', (t) => {
  holds(({ block: { kernelSize, inChannels, groups }, x, at }) => {
    const folded = withoutBias(averageKernel(kernelSize, inChannels, groups));
    const expected = averagePool(x, { size: kernelSize, stride: at.stride, padding: kernelSize >> 1 });
    return { found: apply(folded, x, at), expected };
  });
  t.pass();
});

test('III and V in one give what they give one after the other', (t) => {
  fc.assert(
    fc.property(geometries, ({ block: { kernelSize, inChannels, outChannels, groups }, seed }) => {
      const first = convolutionOf(normal64(seed), 1, 1, inChannels / groups, outChannels);
      const pooling = withoutBias(averageKernel(kernelSize, outChannels, groups));
      const expected = foldSequence(first, pooling, groups);
      const found = foldAverage(first, kernelSize);
      t.deepEqual(found.kernel.shape, expected.kernel.shape);
      t.true(difference64(found.kernel.data, expected.kernel.data) <= EXACT);
      t.true(difference64(found.bias, expected.bias) <= EXACT);
    }),
    { numRuns: 50, seed: 1 },
  );
});

test('I, VI and II in one pass give what they give one after the other, from float32 kernels too', (t) => {
  const normal = normal64(7);
  const target = convolutionOf(normal, 5, 5, 3, 4);
  const [norm, square, row] = [
    randomNorm(4, normal),
    convolutionOf(normal, 3, 3, 3, 4),
    convolutionOf(normal, 1, 5, 3, 4),
  ];
  const single = Float32Array.from(row.kernel.data);
  const embedded = ({ kernel, bias }: FoldedConvolution) => ({ kernel: embed(kernel, 5), bias });
  const expected = foldSum([
    target,
    embedded(foldNorm(square, norm)),
    embedded({ kernel: { shape: row.kernel.shape, data: Float64Array.from(single) }, bias: row.bias }),
  ]);
  addFolded(target, square, norm);
  addFolded(target, { kernel: { shape: row.kernel.shape, data: single }, bias: row.bias });
  t.true(difference64(target.kernel.data, expected.kernel.data) <= EXACT);
  t.true(difference64(target.bias, expected.bias) <= EXACT);
  t.throws(() => addFolded(target, convolutionOf(normal, 2, 2, 3, 4)), { message: /2x2 kernel has no place/ });
  t.throws(() => addFolded(target, convolutionOf(normal, 3, 3, 2, 4)), { message: /cannot be summed/ });
});

test('VI: a smaller kernel, square or not, in the middle of a larger one computes the same', (t) => {
  for (const [height, width] of [
    [1, 1],
    [1, 7],
    [5, 1],
    [3, 7],
  ] as const) {
    holds(({ block: { inChannels, outChannels, groups }, x, normal, at }) => {
      const small = kernelOf(normal, height, width, inChannels / groups, outChannels);
      const expected = convolution(x, small, { ...at, padding: [height >> 1, width >> 1] });
      return { found: convolution(x, embed(small, 7), { ...at, padding: [3, 3] }), expected };
    });
  }
  t.pass();
});

test('the identity kernel hands every channel on', (t) => {
  holds(({ block: { inChannels, groups, kernelSize }, x, at }) => ({
    found: convolution(x, embed(identityKernel64(inChannels, groups), kernelSize), { ...at, stride: 1 }),
    expected: x,
  }));
  t.pass();
});

test('shapes that do not fit are refused, with what was found and expected', (t) => {
  const normal = normal64(1);
  const wide = convolutionOf(normal, 3, 3, 2, 4);
  t.throws(() => foldSum([]), { message: /no convolution to sum/ });
  t.throws(() => foldSum([wide, convolutionOf(normal, 1, 1, 2, 4)]), { message: /\[3,3,2,4\] and \[1,1,2,4\]/ });
  t.throws(() => foldSequence(wide, wide, 1), { message: /expected a 1x1 kernel with 2 outputs/ });
  t.throws(() => foldSequence(convolutionOf(normal, 1, 1, 3, 5), wide, 2), { message: /1x1 kernel with 4 outputs/ });
  t.throws(() => foldAverage(wide, 3), { message: /expected a 1x1 kernel/ });
  t.throws(() => foldConcat([wide, convolutionOf(normal, 3, 1, 2, 4)]), { message: /more than their outputs/ });
  t.throws(() => embed(kernelOf(normal, 5, 1, 1, 1), 3), { message: /5x1 kernel has no place/ });
  t.throws(() => embed(kernelOf(normal, 2, 3, 1, 1), 3), { message: /2x3 kernel has no place/ });
});

test('folding leaves its inputs as they are', (t) => {
  const normal = normal64(2);
  const [a, b] = [convolutionOf(normal, 3, 3, 2, 4), convolutionOf(normal, 3, 3, 2, 4)];
  const before = structuredClone([a, b]);
  foldSum([a, b]);
  foldNorm(a, randomNorm(4, normal));
  foldSequence(convolutionOf(normal, 1, 1, 3, 2), b, 1);
  t.deepEqual([a, b], before);
});
