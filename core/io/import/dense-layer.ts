import { outputsLast } from '../formats/kernel-layout.js';
import type { TensorSource } from './tensor-source.js';
import { CheckpointError } from './checkpoint-error.js';

/** What families call their one dense layer, theirs before others'; in a `Sequential` behind dropout it has a number too. */
const NAMES = ['linear', 'head.fc', 'fc', 'classifier', 'head', 'cls', 'classifier.fc', 'last_linear'];

export interface DenseLayer {
  readonly name: string;
  readonly features: number;
  readonly outputs: number;
  /** Whether it is a 1x1 convolution, which is the same on one pixel. */
  readonly convolution: boolean;
  /**
   * Weight, inputs x outputs, and bias.
   *
   * @param map height, width and channels of the map that is flattened before it, which PyTorch does channel by channel
   */
  read(tensors: TensorSource, map?: readonly [number, number, number]): Promise<DenseNumbers>;
}

/** Inputs x outputs, and bias. */
export interface DenseNumbers {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** Whether a tensor is the weight of a dense layer, or of a 1x1 convolution that stands for one. */
const isDense = (shape: readonly number[] | undefined): boolean =>
  shape?.length === 2 || (shape?.length === 4 && shape[2] === 1 && shape[3] === 1);

/** The one dense layer among the tensors that belong to no block; undefined where there are no such tensors. @throws Error listing those where there is none. */
export function classifierOf(shapes: TensorSource['shapes'], others: readonly string[]): DenseLayer | undefined {
  if (others.length === 0) return undefined;
  const name = NAMES.map((found) =>
    others
      .filter((other) => other.endsWith('.weight'))
      .map((other) => other.slice(0, -'.weight'.length))
      .find((other) => other.replace(/\.\d+$/, '') === found && isDense(shapes.get(`${other}.weight`))),
  ).find((found) => found !== undefined);
  if (name === undefined)
    throw new CheckpointError(
      `no dense layer was found; expected ${NAMES.map((text) => `'${text}.weight'`).join(', ')}, beside the blocks there is ${others.slice(0, 8).join(', ')}`,
    );
  return denseLayer(shapes, name);
}

/** Values as float32: most are already, and a function called for each takes longer than the fold. */
const float32 = (values: Awaited<ReturnType<TensorSource['read']>>): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values, Number);

function firstNotFinite(values: Float32Array): number | undefined {
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at])) return at;
  return undefined;
}

/** A dense layer by its name. @throws Error when it is missing, or its tensors do not fit. */
export function denseLayer(shapes: TensorSource['shapes'], name: string): DenseLayer {
  const weights = shapes.get(`${name}.weight`);
  if (!weights || !isDense(weights))
    throw new CheckpointError(
      `tensor '${name}.weight' ${weights ? `has shape [${weights}]` : 'is missing'}; expected outputs x inputs`,
    );
  const [outputs = 0, features = 0] = weights;
  const biases = shapes.get(`${name}.bias`);
  if (biases && biases.join() !== String(outputs))
    throw new CheckpointError(`tensor '${name}.bias' has shape [${biases}]; expected [${outputs}]`);
  const read: DenseLayer['read'] = async (tensors, [height, width, channels] = [1, 1, features]) => {
    const values = float32(await tensors.read(`${name}.weight`));
    const weight = new Float32Array(values.length);
    outputsLast(values, [height, width, channels, outputs], weight);
    const bias = biases ? float32(await tensors.read(`${name}.bias`)) : new Float32Array(outputs);
    for (const [tensor, found] of [
      ['weight', values],
      ['bias', bias],
    ] as const) {
      const at = firstNotFinite(found);
      if (at !== undefined)
        throw new CheckpointError(`tensor '${name}.${tensor}' holds ${found[at]} at [${at}]; expected numbers`);
    }
    return { weight, bias };
  };
  return { name, features, outputs, convolution: weights.length === 4, read };
}
