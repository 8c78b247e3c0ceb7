import * as tf from '@tensorflow/tfjs-core';
import type { Gate } from '../contracts/search-space.js';
import type { ActiveBranches } from '../reparam/network/active-branches.js';
import type { StepRates } from './optimizer.js';
import { clipFactor, type Pass } from './step.js';
import type { TrainingPlan } from './training-plan.js';

/** One step of the optimiser, on gradients as the strategy scales them and clipping leaves them. */
export function updateParameters(
  { optimizer, strategy, clip }: Pick<TrainingPlan, 'optimizer' | 'strategy' | 'clip'>,
  pass: Pass,
  rates: StepRates,
): void {
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

/** dLoss/dgate of every gate, 0 where its branch took no part in the step. */
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
