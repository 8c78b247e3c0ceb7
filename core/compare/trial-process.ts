import { runTrial } from './trial.js';
import type { TrialAnswer, TrialOrder } from './runner.js';

// The process of one trial: it is told which by its parent, and ends with its answer, or when the parent is gone.
const controller = new AbortController();
process.on('SIGINT', () => controller.abort());
process.on('SIGTERM', () => controller.abort());
process.on('disconnect', () => controller.abort());

process.once('message', (message) => {
  const { trial, out, cwd, set } = message as TrialOrder;
  const answer = (given: TrialAnswer): void => {
    process.send?.(given, () => process.disconnect());
  };
  runTrial(trial, out, cwd, set, controller.signal).then(
    ({ result, measured }) => answer({ status: 'done', result, measured }),
    (error: unknown) => answer({ status: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  );
});
