import type { Gate } from '../contracts/search-space.js';
import type { Pass } from './step.js';

/** What of a pass is not a number; nothing where all of it is. */
export function divergedPass({ loss, squaredNorm, gateGradients }: Pass): string | undefined {
  if (!Number.isFinite(loss)) return `the loss became ${loss}`;
  for (const [block, gradients] of gateGradients) {
    const wrong = gradients.find((gradient) => !Number.isFinite(gradient));
    if (wrong !== undefined) return `the gradient of a gate of block ${block} became ${wrong}`;
  }
  if (!Number.isFinite(squaredNorm)) return `the norm of the gradients became ${Math.sqrt(squaredNorm)}`;
  return undefined;
}

/** Which gate's rank is not a number; nothing where all are. */
export function divergedRank(gates: readonly Gate[], ranks: Float64Array): string | undefined {
  const gate = gates[ranks.findIndex((rank) => !Number.isFinite(rank))];
  return gate && `the rank of gate ${gate.block}/${gate.branch} became no number`;
}
