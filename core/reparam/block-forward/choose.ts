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
import { type BlockForward, type BlockPass, passKeys } from './block-pass.js';
import { explicit } from './explicit.js';
import { moments, takesMoments } from './moments.js';
import { recompute } from './recompute.js';
import { sharedTaps } from './shared-taps.js';

/** Methods of computing a block; all give the same numbers. */
export const METHODS = ['explicit', 'shared-taps', 'moments', 'recompute'] as const;
export type Method = (typeof METHODS)[number];

/** One method for all blocks, or `auto`: the best one for a block's shape and branches. */
export const BLOCK_FORWARD_NAMES = ['auto', ...METHODS] as const;
export type BlockForwardName = (typeof BLOCK_FORWARD_NAMES)[number];

/** What `auto` minimises: time, or memory (then time among methods that need the same). */
export const PREFERENCES = ['time', 'memory'] as const;
export type Preference = (typeof PREFERENCES)[number];

const FORWARDS: Readonly<Record<Method, BlockForward>> = {
  explicit,
  'shared-taps': sharedTaps,
  moments: (pass) => (takesMoments(pass) ? moments(pass) : explicit(pass)),
  recompute,
};

/** Returns the forward pass of a name. `auto` decides once per block, set of branches and size. */
export function blockEvaluation(name: BlockForwardName, prefer: Preference = 'time'): BlockForward {
  if (name !== 'auto') return FORWARDS[name];
  const decided = new Map<string, Method>();
  const keyOf = passKeys();
  return (pass) => {
    const key = keyOf(pass);
    let method = decided.get(key);
    if (!method) {
      method = choose(pass, prefer, tf.getBackend());
      decided.set(key, method);
    }
    return FORWARDS[method](pass);
  };
}

/**
 * Estimates the cost of each method that can compute a block. Moments are left out for a single branch: there is nothing to merge, and
 * what they save on its batch-norm is spent on small kernels.
 */
export function estimates(pass: Omit<BlockPass, 'store' | 'gates'>): Map<Method, Estimate> {
  const shape: BlockShape = { node: pass.node, branches: pass.branches, input: pass.x.shape };
  const shared = sharedTapsEstimate(shape);
  return new Map<Method, Estimate>([
    ['explicit', explicitEstimate(shape)],
    ...(shared ? [['shared-taps', shared] as const] : []),
    ...(pass.branches.length > 1 && takesMoments(pass) ? [['moments', momentsEstimate(shape)] as const] : []),
    ['recompute', recomputeEstimate(shape)],
  ]);
}

/** Returns the fastest method by the backend's costs, or the one that needs the least memory. */
export function choose(pass: Omit<BlockPass, 'store' | 'gates'>, prefer: Preference, backend: string): Method {
  const costs = kernelCosts(backend);
  const ranked = [...estimates(pass)].map(([method, { work, kept, passing }]) => ({
    method,
    keys: prefer === 'time' ? [timeOf(work, costs)] : [kept, passing, timeOf(work, costs)],
  }));
  ranked.sort((a, b) => a.keys.map((key, at) => key - (b.keys[at] ?? 0)).find((difference) => difference !== 0) ?? 0);
  return ranked[0]?.method ?? 'explicit';
}
