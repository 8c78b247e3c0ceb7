import type {
  BlockGeometry,
  BranchOp,
  BranchScope,
  BranchWeights,
  FeatureMap,
  InferenceNorm,
  Tensor,
} from '../../core/contracts/index.js';
import { type Array64, averagePool, convolution } from '../core/ops/naive.js';
import { addChannels, bordered, normal64 } from './arrays64.js';

/** A float64 array where the contracts expect a tensor. */
class Tensor64 implements Tensor {
  readonly shape: number[];
  readonly dtype = 'float64';
  readonly array: Array64;

  constructor(array: Array64) {
    this.array = array;
    this.shape = [...array.shape];
  }

  dataSync(): Float32Array {
    return Float32Array.from(this.array.data);
  }

  async data(): Promise<Float32Array> {
    return this.dataSync();
  }

  dispose(): void {}
}

const arrayOf = (tensor: Tensor): Array64 => (tensor as Tensor64).array;

const mapOf = (array: Array64, border = 0): FeatureMap => ({ value: new Tensor64(array), border, pending: false });

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

/** What a branch computes at inference, by the definitions and in float64: nothing in common with the network's own scope. */
export function forward64<Options>(
  op: BranchOp<Options>,
  block: BlockGeometry,
  options: Options,
  weights: BranchWeights,
  images: Array64,
): Array64 {
  const { groups } = block;
  const half = (size: number, border: number): number => Math.max(0, (size >> 1) - border);
  const scope: BranchScope<Options> = {
    block,
    options,
    kernel: (name) => new Tensor64(weights.kernel(name)),
    convolve: ({ value, border }, kernel, { stride = 1, padding } = {}) => {
      const [height = 0, width = 0] = kernel.shape;
      const around = padding ?? ([half(height, border), half(width, border)] as const);
      return mapOf(convolution(arrayOf(value), arrayOf(kernel), { stride, padding: around, groups }));
    },
    averagePool: ({ value, border }, size, stride) =>
      mapOf(averagePool(arrayOf(value), { size, stride, padding: half(size, border) })),
    normalise: (name, { value }, border) => {
      const { gamma, beta, mean, variance, epsilon } = weights.norm(name);
      const scale = gamma.map((factor, channel) => factor / Math.sqrt((variance[channel] as number) + epsilon));
      const answer = beta.map((shift, channel) => shift - (mean[channel] as number) * (scale[channel] as number));
      const { shape, data } = arrayOf(value);
      const scaled = data.map((pixel, index) => pixel * (scale[index % scale.length] as number));
      return mapOf(bordered(addChannels({ shape, data: scaled }, answer), border, answer), border);
    },
  };
  const map = op.forward(mapOf(images), scope);
  if (map.border > 0) throw new Error(`branch op ${op.name} returns a map with a border`);
  return arrayOf(map.value);
}
