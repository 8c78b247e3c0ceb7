import type * as tf from '@tensorflow/tfjs-core';
import type { DenseNode, NetworkGraph } from '../../contracts/network.js';
import type { RandomSource } from '../../contracts/random.js';
import { linearUniform } from './initial.js';
import type { ParameterStore } from './parameters.js';

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
