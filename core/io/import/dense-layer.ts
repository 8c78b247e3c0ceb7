import { outputsLast } from '../formats/kernel-layout.js';
import type { TensorSource } from './tensor-source.js';

/** What these families call their one dense layer, theirs before others'. */
const NAMES = ['linear', 'head.fc', 'fc', 'classifier', 'head'];

export interface DenseLayer {
  readonly name: string;
  readonly features: number;
  readonly outputs: number;
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

/** The one dense layer among the tensors that belong to no block. @throws Error listing those where there is none. */
export function classifierOf(shapes: TensorSource['shapes'], others: readonly string[]): DenseLayer {
  const name = NAMES.find((found) => others.includes(`${found}.weight`) && shapes.get(`${found}.weight`)?.length === 2);
  if (name === undefined)
    throw new Error(
      `no dense layer was found; expected ${NAMES.map((text) => `'${text}.weight'`).join(', ')}, beside the blocks there is ${others.slice(0, 8).join(', ') || 'nothing'}`,
    );
  return denseLayer(shapes, name);
}

/** A dense layer by its name. @throws Error when it is missing, or its tensors do not fit. */
export function denseLayer(shapes: TensorSource['shapes'], name: string): DenseLayer {
  const weights = shapes.get(`${name}.weight`);
  if (weights?.length !== 2)
    throw new Error(
      `tensor '${name}.weight' ${weights ? `has shape [${weights}]` : 'is missing'}; expected outputs x inputs`,
    );
  const [outputs = 0, features = 0] = weights;
  const biases = shapes.get(`${name}.bias`);
  if (biases && biases.join() !== String(outputs))
    throw new Error(`tensor '${name}.bias' has shape [${biases}]; expected [${outputs}]`);
  const read: DenseLayer['read'] = async (tensors, [height, width, channels] = [1, 1, features]) => {
    const values = Float32Array.from(await tensors.read(`${name}.weight`), Number);
    const weight = new Float32Array(values.length);
    outputsLast(values, [height, width, channels, outputs], weight);
    const bias = biases ? Float32Array.from(await tensors.read(`${name}.bias`), Number) : new Float32Array(outputs);
    return { weight, bias };
  };
  return { name, features, outputs, read };
}
