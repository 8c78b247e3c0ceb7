import * as tf from '@tensorflow/tfjs-core';
import { kernelCosts, timeOf } from '../../engine/index.js';
import {
  type BlockShape,
  type Estimate,
  explicitEstimate,
  momentsEstimate,
  recomputeEstimate,
  sharedTapsEstimate,
} from './estimate.js';
import type { BlockEvaluation, BlockPass } from './evaluation.js';
import { explicit } from './explicit.js';
import { moments, takesMoments } from './moments.js';
import { passKeys } from './pass-key.js';
import { recompute } from './recompute.js';
import { sharedTaps } from './shared-taps.js';

/** Ways to compute a block; all give the same numbers. */
export const WAYS = ['explicit', 'shared-taps', 'moments', 'recompute'] as const;
export type Way = (typeof WAYS)[number];

/** One way for all blocks, or the one that a block's shape and branches ask for. */
export const BLOCK_EVALUATIONS = ['auto', ...WAYS] as const;
export type BlockEvaluationName = (typeof BLOCK_EVALUATIONS)[number];

/** What `auto` saves: time, or memory as long as one way is leaner than another. */
export const PREFERENCES = ['time', 'memory'] as const;
export type Preference = (typeof PREFERENCES)[number];

const EVALUATIONS: Readonly<Record<Way, BlockEvaluation>> = {
  explicit,
  'shared-taps': sharedTaps,
  moments: (pass) => (takesMoments(pass) ? moments(pass) : explicit(pass)),
  recompute,
};

/** The evaluation of a name. `auto` decides anew where a block meets other branches or another size, and remembers. */
export function blockEvaluation(name: BlockEvaluationName, prefer: Preference = 'time'): BlockEvaluation {
  if (name !== 'auto') return EVALUATIONS[name];
  const decided = new Map<string, Way>();
  const keyOf = passKeys();
  return (pass) => {
    const key = keyOf(pass);
    let way = decided.get(key);
    if (!way) {
      way = choose(pass, prefer, tf.getBackend());
      decided.set(key, way);
    }
    return EVALUATIONS[way](pass);
  };
}

/**
 * What each way that a block can be computed in would cost. One branch alone leaves moments nothing to merge: what they save of its
 * batch-norm's passes goes into small kernels.
 */
export function estimates(pass: Omit<BlockPass, 'store' | 'gates'>): Map<Way, Estimate> {
  const shape: BlockShape = { node: pass.node, branches: pass.branches, input: pass.x.shape };
  const shared = sharedTapsEstimate(shape);
  return new Map<Way, Estimate>([
    ['explicit', explicitEstimate(shape)],
    ...(shared ? [['shared-taps', shared] as const] : []),
    ...(pass.branches.length > 1 && takesMoments(pass) ? [['moments', momentsEstimate(shape)] as const] : []),
    ['recompute', recomputeEstimate(shape)],
  ]);
}

/** The fastest way by the backend's costs, or the leanest; of equally lean ones the faster. */
export function choose(pass: Omit<BlockPass, 'store' | 'gates'>, prefer: Preference, backend: string): Way {
  const costs = kernelCosts(backend);
  const ranked = [...estimates(pass)].map(([way, { work, kept, passing }]) => ({
    way,
    keys: prefer === 'time' ? [timeOf(work, costs)] : [kept, passing, timeOf(work, costs)],
  }));
  ranked.sort((a, b) => a.keys.map((key, at) => key - (b.keys[at] ?? 0)).find((difference) => difference !== 0) ?? 0);
  return ranked[0]?.way ?? 'explicit';
}
