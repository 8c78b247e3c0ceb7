import type {
  BlockGeometry,
  BranchOp,
  BranchScope,
  BranchWeights,
  FeatureMap,
  InferenceNorm,
  Tensor,
} from '../../contracts/index.js';
import { addChannels, type Array64, averagePool, bordered, convolution, moments } from './loops64.js';

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

function arrayOf(tensor: Tensor): Array64 {
  if (tensor instanceof Tensor64) return tensor.array;
  throw new Error(
    'it computes with something else than its scope: convolve, averagePool and normalise are all there is',
  );
}

const mapOf = (array: Array64, border = 0): FeatureMap => ({ value: new Tensor64(array), border, pending: false });

/** Output of a branch, and its multiply-adds for one image. */
export interface Forward64 {
  readonly output: Array64;
  readonly macs: number;
}

/**
 * Interprets a branch in float64, straight from the definitions; it shares no code with the other interpreters. Inner
 * batch-norms take the running statistics, as at inference, or those of the images, as while training.
 * @throws Error if the op leaves a border, or looks inside a map.
 */
export function forward64<Options>(
  op: BranchOp<Options>,
  block: BlockGeometry,
  options: Options,
  weights: BranchWeights,
  images: Array64,
  statistics: 'running' | 'batch' = 'running',
): Forward64 {
  const { groups } = block;
  let macs = 0;
  const perImage = ({ shape: [, height = 0, width = 0, channels = 0] }: Array64): number => height * width * channels;
  const half = (size: number, border: number): number => Math.max(0, (size >> 1) - border);
  const scope: BranchScope<Options> = {
    block,
    options,
    kernel: (name) => new Tensor64(weights.kernel(name)),
    convolve: ({ value, border }, kernel, { stride = 1, dilation = 1, padding } = {}) => {
      const [height = 0, width = 0, inputs = 0] = kernel.shape;
      const reach = (taps: number): number => (taps - 1) * dilation + 1;
      const around = padding ?? ([half(reach(height), border), half(reach(width), border)] as const);
      const y = convolution(arrayOf(value), arrayOf(kernel), {
        stride,
        dilation: [dilation, dilation],
        padding: around,
        groups,
      });
      macs += height * width * inputs * perImage(y);
      return mapOf(y);
    },
    averagePool: ({ value, border }, size, stride) => {
      const y = averagePool(arrayOf(value), { size, stride, padding: half(size, border) });
      macs += size ** 2 * perImage(y);
      return mapOf(y);
    },
    normalise: (name, { value }, border) =>
      mapOf(normalised64(arrayOf(value), weights.norm(name), border, statistics), border),
  };
  const map = op.forward(mapOf(images), scope);
  if (map.border > 0) throw new Error(`it returns a map with a border of ${map.border}; convolve or pool it away`);
  return { output: arrayOf(map.value), macs };
}

/** Applies a batch-norm, and pads with its answer to a zero input. */
export function normalised64(
  images: Array64,
  { gamma, beta, mean, variance, epsilon }: InferenceNorm,
  border: number,
  statistics: 'running' | 'batch',
): Array64 {
  const own = moments(images).data;
  const [centre, spread] = statistics === 'running' ? [mean, variance] : [own, own.subarray(gamma.length)];
  const scale = gamma.map((factor, channel) => factor / Math.sqrt((spread[channel] as number) + epsilon));
  const answer = beta.map((shift, channel) => shift - (centre[channel] as number) * (scale[channel] as number));
  const scaled = images.data.map((pixel, index) => pixel * (scale[index % scale.length] as number));
  return bordered(addChannels({ shape: images.shape, data: scaled }, answer), border, answer);
}
