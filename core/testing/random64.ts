import type { BlockGeometry, BranchOp, BranchWeights, InferenceNorm } from '../contracts/index.js';
import { type Array64, zeros } from '../reparam/interpreters/loops64.js';
import { createRandomSource } from '../train/random/index.js';

/** Makes arrays of standard normal numbers, each from a stream of its own. */
export function normal64(seed: number): (...shape: number[]) => Array64 {
  const source = createRandomSource(seed);
  let made = 0;
  return (...shape) => {
    const stream = source.stream('array', made++);
    const array = zeros(shape);
    return { shape, data: array.data.map(() => stream.normal()) };
  };
}

/** Random kernels and norms of a branch, its learned identity kernels complete, as folding sees them. */
export function randomWeights<Options>(
  op: BranchOp<Options>,
  block: BlockGeometry,
  options: Options,
  seed: number,
): BranchWeights {
  const normal = normal64(seed);
  const kernels = new Map(
    op.kernels(block, options).map(({ name, height, width, inputs, outputs, identity = false }) => {
      const { data } = normal(height, width, inputs, outputs);
      if (identity) for (let o = 0; o < outputs; o++) data[(o % inputs) * outputs + o]! += 1;
      return [name, { shape: [height, width, inputs, outputs] as const, data }];
    }),
  );
  const norms = new Map(
    (op.norms?.(block, options) ?? []).map(({ name, channels }) => [name, randomNorm(channels, normal)]),
  );
  return { kernel: (name) => known(kernels, name), norm: (name) => known(norms, name) };
}

/** Random statistics; initial ones (mean 0, variance 1, γ 1, β 0) would hide most mistakes. */
export const randomNorm = (channels: number, normal: (...shape: number[]) => Array64): InferenceNorm => ({
  gamma: normal(channels).data,
  beta: normal(channels).data,
  mean: normal(channels).data,
  variance: normal(channels).data.map((value) => 0.05 + value ** 2),
  epsilon: 1e-5,
});

function known<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (value === undefined) throw new Error(`the branch reads '${name}'; it declares ${[...values.keys()].join(', ')}`);
  return value;
}

/** Largest |a − b| over the largest |b|, or over 1 where everything is small; infinite when lengths differ or a number is not one. */
export function difference64(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [worst, scale] = [0, 1];
  for (let at = 0; at < expected.length; at++) {
    const error = Math.abs((found[at] as number) - (expected[at] as number));
    if (!(error <= worst)) worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
    scale = Math.max(scale, Math.abs(expected[at] as number));
  }
  return worst / scale;
}
