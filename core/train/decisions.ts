import type { RunEvent } from '../contracts/events.js';
import type { Cursor } from './cursor.js';
import type { TrainingPlan } from './training-plan.js';

/** The branches that every block has now. */
export function architectureEvent({ supernet }: TrainingPlan, { step }: Cursor): RunEvent {
  const architecture = supernet.blocks.architecture();
  const kept = Object.values(architecture).reduce((sum, branches) => sum + branches.length, 0);
  return { type: 'architecture', step, architecture, kept };
}

/** How an epoch of search left the gates: their ranks, how often each was active, what would be kept now. */
export function gatesEvent({ importance, strategy, gates }: TrainingPlan, cursor: Cursor, phase: string): RunEvent {
  const chosen = strategy.architecture();
  const mask = gates.map(({ block, branch }) => (chosen[block]?.includes(branch) ? 1 : 0));
  const { epochs: epoch, step, sampled } = cursor;
  return { type: 'gates', phase, epoch, step, ranks: [...importance.rank()], sampled: [...sampled], mask };
}
