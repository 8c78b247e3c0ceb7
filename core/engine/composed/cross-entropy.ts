import * as tf from '@tensorflow/tfjs-core';
import { type CrossEntropyAttributes, KERNELS } from '../kernels.js';
import { composed, differentiable, runKernel } from '../registry.js';

/**
 * Mean over the images of −Σ_k target_k · log softmax(logits)_k, and softmax(logits). Logits and target are `[N,K]`; the
 * target holds probabilities that sum to one: one-hot, smoothed or mixed. Differentiable in the logits, through the loss.
 * @throws Error if the shapes differ.
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  target: tf.Tensor2D,
): { loss: tf.Scalar; probabilities: tf.Tensor2D } {
  if (logits.shape[0] !== target.shape[0] || logits.shape[1] !== target.shape[1])
    throw new Error(`crossEntropy: logits are [${logits.shape}], the target is [${target.shape}]; they must be alike`);
  const [loss, probabilities] = runKernel<tf.Tensor[]>(KERNELS.crossEntropy, { logits, target });
  return { loss: loss as tf.Scalar, probabilities: probabilities as tf.Tensor2D };
}

const forward = composed<{ logits: tf.Tensor2D; target: tf.Tensor2D }, CrossEntropyAttributes>(
  KERNELS.crossEntropy,
  ({ logits, target }) => {
    const centred = tf.sub(logits, tf.max(logits, 1, true));
    const exponentials = tf.exp(centred);
    const sum = tf.sum(exponentials, 1, true);
    const logProbabilities = tf.sub(centred, tf.log(sum));
    const loss = tf.div(tf.sum(tf.mul(target, logProbabilities)), -logits.shape[0]);
    return [loss, tf.div(exponentials, sum)];
  },
);

const inputGradient = composed<
  { dy: tf.Scalar; probabilities: tf.Tensor2D; target: tf.Tensor2D },
  CrossEntropyAttributes
>(KERNELS.crossEntropyGradient, ({ dy, probabilities, target }) =>
  tf.mul(tf.sub(probabilities, target), tf.div(dy, probabilities.shape[0])),
);

const gradient = differentiable<CrossEntropyAttributes>({
  name: KERNELS.crossEntropy,
  inputsToSave: ['target'],
  outputsToSave: [false, true],
  gradient: (dy, saved) => {
    const [target, probabilities] = saved as [tf.Tensor, tf.Tensor];
    return { logits: () => runKernel(KERNELS.crossEntropyGradient, { dy, probabilities, target }) };
  },
});

export const crossEntropies = { kernels: [forward, inputGradient], gradients: [gradient] };
