/**
 * One training step without its bookkeeping: the forward and backward pass over the active branches, the check that everything is
 * finite, and the update of the parameters.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Gate } from '../contracts/search-space.js';
import type { StrategySession } from '../contracts/strategy.js';
import { crossEntropy, gradients, squaredNorm } from '../engine/index.js';
import type { ActiveBranches } from '../reparam/network/gates.js';
import type { Supernet } from '../reparam/network/supernet.js';
import type { Optimizer, StepRates } from './optimizers/index.js';

/** A batch on its way into the network. */
export interface TrainingBatch {
  /** Normalised, `[size, H, W, C]`. */
  readonly images: Float32Array;
  /** Probabilities, `[size, classes]`: one-hot, smoothed or mixed. */
  readonly target: Float32Array;
  readonly size: number;
}

/** Result of one forward and backward pass. The gradients are the caller's to dispose. */
export interface Pass {
  readonly loss: number;
  /** Images whose most probable class is the target's. */
  readonly correct: number;
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  /** dLoss/dgate by block, in the order of the active branches. */
  readonly gateGradients: ReadonlyMap<string, Float32Array>;
  /** Sum of the squares of all gradients of weights: not finite if one of them is not. */
  readonly squaredNorm: number;
}

/** Runs one forward and one backward pass over the active branches. Reads from the engine once. */
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
  const { trained, summary } = disposingKept(correct, () => {
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

/** Runs `tf.tidy`, and disposes what was kept within it, however it ends. */
function disposingKept<Result extends tf.TensorContainer>(kept: readonly tf.Tensor[], work: () => Result): Result {
  try {
    return tf.tidy(work);
  } finally {
    tf.dispose([...kept]);
  }
}

/** Describes the first value of a pass that is not finite, or returns undefined. */
export function divergedPass({ loss, squaredNorm, gateGradients }: Pass): string | undefined {
  if (!Number.isFinite(loss)) return `the loss became ${loss}`;
  for (const [block, gradients] of gateGradients) {
    const wrong = gradients.find((gradient) => !Number.isFinite(gradient));
    if (wrong !== undefined) return `the gradient of a gate of block ${block} became ${wrong}`;
  }
  if (!Number.isFinite(squaredNorm)) return `the norm of the gradients became ${Math.sqrt(squaredNorm)}`;
  return undefined;
}

/** Names the first gate whose rank is not finite, or returns undefined. */
export function divergedRank(gates: readonly Gate[], ranks: Float64Array): string | undefined {
  const gate = gates[ranks.findIndex((rank) => !Number.isFinite(rank))];
  return gate && `the rank of gate ${gate.block}/${gate.branch} became no number`;
}

/** Inputs of an update besides the gradients. */
export interface UpdatePlan {
  readonly optimizer: Optimizer;
  readonly strategy: StrategySession;
  /** Largest joint norm of the gradients. */
  readonly clip: number | false;
}

/** Takes one step of the optimizer, on gradients scaled by the strategy and then clipped. */
export function updateParameters({ optimizer, strategy, clip }: UpdatePlan, pass: Pass, rates: StepRates): void {
  const gradients = new Map(pass.gradients);
  const scaled: tf.Tensor[] = [];
  for (const [name, gradient] of gradients) {
    const factors = strategy.gradientScale?.(name, gradient.shape);
    if (!factors) continue;
    const product = tf.tidy(() => tf.mul(gradient, tf.tensor(factors, gradient.shape)));
    gradients.set(name, product);
    gradient.dispose();
    scaled.push(product);
  }
  const scale = clipFactor(gradients, clip);
  try {
    optimizer.step(gradients, scale, rates);
  } finally {
    tf.dispose([scale, ...scaled]);
  }
}

/** Returns the factor that brings the gradients' joint norm down to `limit`, 1 if it is below: as torch.nn.utils.clip_grad_norm_. */
function clipFactor(gradients: ReadonlyMap<string, tf.Tensor>, limit: number | false): tf.Scalar {
  if (limit === false) return tf.scalar(1);
  return tf.tidy(() => {
    const norm = tf.sqrt(squaredNorm([...gradients.values()]));
    return tf.minimum(tf.scalar(1), tf.div(tf.scalar(limit), tf.add(norm, 1e-6)));
  });
}

/** Returns dLoss/dgate of every gate, 0 for a branch that took no part in the step. */
export function gradientsOfGates(
  gates: readonly Gate[],
  active: ActiveBranches,
  { gateGradients }: Pass,
): Float64Array {
  return Float64Array.from(gates, ({ block, branch }) => {
    const at = active.get(block)?.findIndex((entry) => entry.branch.name === branch) ?? -1;
    return at < 0 ? 0 : (gateGradients.get(block)?.[at] ?? 0);
  });
}
