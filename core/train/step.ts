import * as tf from '@tensorflow/tfjs-core';
import type { ActiveBranches } from '../reparam/network/active-branches.js';
import type { Supernet } from '../reparam/network/supernet.js';
import { crossEntropy, gradients, squaredNorm } from '../engine/index.js';

/** A batch on its way into the network. */
export interface TrainingBatch {
  /** Normalised, `[size, H, W, C]`. */
  readonly images: Float32Array;
  /** Probabilities, `[size, classes]`: one-hot, smoothed or mixed. */
  readonly target: Float32Array;
  readonly size: number;
}

/** What one forward and backward pass gives. The gradients are the caller's to dispose. */
export interface Pass {
  readonly loss: number;
  /** Images whose most probable class is the target's. */
  readonly correct: number;
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  /** dLoss/dgate by block, in the order of the active branches. */
  readonly gateGradients: ReadonlyMap<string, Float32Array>;
  /** Sum of the squares of all gradients of weights: not finite where one of them is not. */
  readonly squaredNorm: number;
}

/** One forward and one backward pass over the active branches. Reads from the engine once. */
export async function forwardBackward(
  supernet: Supernet,
  batch: TrainingBatch,
  active: ActiveBranches,
  step: number,
): Promise<Pass> {
  const names = supernet.trained(active);
  const blocks = [...active.keys()];
  // Kept over the scopes of the backward pass.
  const correct: tf.Tensor[] = [];
  const { trained, summary } = givingBack(correct, () => {
    const [height, width, channels] = supernet.graph.input;
    const images = tf.tensor4d(batch.images, [batch.size, height, width, channels]);
    const target = tf.tensor2d(batch.target, [batch.size, supernet.graph.classes]);
    const gates = new Map(
      [...active].map(([block, branches]) => [block, tf.tensor1d(branches.map(({ gate }) => gate))] as const),
    );
    const watched = [...names.map((name) => supernet.store.get(name)), ...gates.values()];
    const { value, gradients: found } = gradients(() => {
      const { loss, probabilities } = crossEntropy(supernet.train(images, active, gates, step), target);
      const right = tf.equal(tf.argMax(probabilities, 1), tf.argMax(target, 1));
      correct.push(tf.keep(tf.sum(tf.cast(right, 'float32'))));
      return loss;
    }, watched);
    const gateGradients = blocks.map((_, index) => found[names.length + index] as tf.Tensor1D);
    const trained = found.slice(0, names.length) as tf.Tensor[];
    const norm = squaredNorm(trained.filter((gradient) => gradient));
    const figures = [value, correct[0] as tf.Tensor, norm].map((scalar) => tf.reshape(scalar, [1]));
    const summary = tf.concat([...figures, ...gateGradients]);
    return { trained, summary };
  });
  const read = await summary.data();
  summary.dispose();
  let offset = 3;
  const gateGradients = new Map(
    [...active].map(([block, branches]) => {
      const values = Float32Array.from(read.subarray(offset, offset + branches.length));
      offset += branches.length;
      return [block, values] as const;
    }),
  );
  const present = names.flatMap((name, index) => {
    const gradient = trained[index];
    return gradient ? [[name, gradient] as const] : [];
  });
  const [loss = Number.NaN, right = 0, norm = Number.NaN] = read;
  return { loss, correct: right, squaredNorm: norm, gradients: new Map(present), gateGradients };
}

/** `tf.tidy` that also gives back what was kept within, however it ends. */
function givingBack<Result extends tf.TensorContainer>(kept: readonly tf.Tensor[], work: () => Result): Result {
  try {
    return tf.tidy(work);
  } finally {
    tf.dispose([...kept]);
  }
}

/** Factor that brings the gradients' joint norm down to `limit`, 1 where it is below: as torch.nn.utils.clip_grad_norm_. */
export function clipFactor(gradients: ReadonlyMap<string, tf.Tensor>, limit: number | false): tf.Scalar {
  if (limit === false) return tf.scalar(1);
  return tf.tidy(() => {
    const norm = tf.sqrt(squaredNorm([...gradients.values()]));
    return tf.minimum(tf.scalar(1), tf.div(tf.scalar(limit), tf.add(norm, 1e-6)));
  });
}
