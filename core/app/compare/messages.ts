import type { TrainingResult } from '../../run/result.js';
import type { Measured } from './trial.js';

/** What a trial's process tells its parent. */
export type TrialMessage = TrialAnswer | { readonly status: 'running'; readonly share: number };

/** The last of it. */
export type TrialAnswer =
  | { readonly status: 'done'; readonly result: TrainingResult; readonly measured: Measured }
  | { readonly status: 'failed'; readonly reason: string };
