/**
 * Layers that are no block: activations, dense layers, dropout, and the class that logits name.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Activation, DenseNode, NetworkGraph } from '../../contracts/network.js';
import type { RandomSource, RandomStream } from '../../contracts/random.js';
import { linearUniform, type ParameterStore } from './parameters.js';

/** Applies an activation to a map as PyTorch does (GELU without its approximation by tanh). */
export function activate<T extends tf.Tensor>(x: T, activation: Activation): T {
  switch (activation) {
    case 'none':
      return x;
    case 'relu':
      return tf.relu(x);
    case 'relu6':
      return tf.minimum(tf.relu(x), 6);
    case 'silu':
      return tf.mul(x, tf.sigmoid(x));
    case 'hard-swish':
      return tf.mul(x, hardSigmoid(x));
    case 'gelu':
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  }
}

/** A gate of squeeze and excitation. */
export const gateValue = <T extends tf.Tensor>(x: T, gate: 'sigmoid' | 'hard-sigmoid'): T =>
  gate === 'sigmoid' ? tf.sigmoid(x) : hardSigmoid(x);

/** max(0, min(1, x / 6 + 1/2)), as PyTorch has it; Keras' own is another. */
const hardSigmoid = <T extends tf.Tensor>(x: T): T => tf.minimum(tf.relu(tf.add(tf.div(x, 6), 0.5)), 1);

/** @throws Error naming a node that training does not know, rather than train it as something else */
export function refuseUntrained({ nodes }: NetworkGraph): void {
  for (const node of nodes) {
    if (node.kind === 'squeeze-excite')
      throw new Error(
        `node '${node.name}' is squeeze and excitation, which is read from checkpoints and not trained here`,
      );
    const activation = 'activation' in node ? node.activation : 'none';
    if (activation !== 'relu' && activation !== 'none')
      throw new Error(
        `node '${node.name}' has activation '${activation}', which is read from checkpoints and not trained here; expected 'relu' or 'none'`,
      );
  }
}

/** State names of a dense layer's numbers. */
export interface DenseNames {
  /** `[inputs, outputs]` */
  readonly weight: string;
  /** `[outputs]` */
  readonly bias: string;
}

export const denseNames = ({ name }: Pick<DenseNode, 'name'>): DenseNames => ({
  weight: `${name}.weight`,
  bias: `${name}.bias`,
});

export const denseNodes = ({ nodes }: NetworkGraph): DenseNode[] => nodes.filter((node) => node.kind === 'dense');

/** Adds a new dense layer to the store. */
export function addDense(store: ParameterStore, node: DenseNode, random: RandomSource): void {
  const { weight, bias } = denseNames(node);
  const { inputs, outputs } = node;
  const initial = (name: string, length: number) =>
    linearUniform(inputs, length, random.stream(`initialisation:${name}`));
  store.add(weight, 'weight', [inputs, outputs], initial(weight, inputs * outputs));
  store.add(bias, 'bias', [outputs], initial(bias, outputs));
}

/** Weight `[inputs, outputs]` and bias `[outputs]` as they are now. */
export function readDense(store: ParameterStore, node: Pick<DenseNode, 'name'>): readonly [tf.Tensor2D, tf.Tensor1D] {
  const { weight, bias } = denseNames(node);
  return [store.get(weight) as tf.Tensor as tf.Tensor2D, store.get(bias) as tf.Tensor as tf.Tensor1D];
}

/** Zeroes the given fraction of values and scales the others up to keep the mean. */
export function dropout(x: tf.Tensor, rate: number, random: () => RandomStream): tf.Tensor {
  if (rate === 0) return x;
  const stream = random();
  const keep = Float32Array.from({ length: x.size }, () => (stream.uniform() < rate ? 0 : 1 / (1 - rate)));
  return tf.mul(x, tf.tensor(keep, x.shape));
}

/** Returns the index of the largest value: the class that logits name. */
export const largest = (values: Float32Array): number =>
  values.reduce((best, value, index) => (value > (values[best] as number) ? index : best), 0);
