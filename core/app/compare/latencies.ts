import type { Timing } from '../timing/index.js';

/** How long inference takes, with all branches and fused. */
export interface Latency {
  /** Images at a time. */
  readonly batch: number;
  readonly unfused: Timing;
  readonly fused: Timing;
}
