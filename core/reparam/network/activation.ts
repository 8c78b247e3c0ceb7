import * as tf from '@tensorflow/tfjs-core';
import type { Activation, NetworkGraph } from '../../contracts/network.js';

/** What an activation makes of a map, as PyTorch computes it (GELU without its approximation by tanh). */
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
