import type { TrialMessage } from './messages.js';
import { runTrial, type TrialOrder } from './trial.js';

// The process of one trial: it is told which by its parent, and ends with its answer. When the parent is gone or asks it to
// end, it writes a checkpoint first.
const PROGRESS_EVERY_MS = 500;

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.on(name, () => controller.abort());

let told = 0;

function progress(share: number): void {
  const now = performance.now();
  if (now - told < PROGRESS_EVERY_MS || !process.connected) return;
  told = now;
  send({ status: 'running', share });
}

function send(message: TrialMessage, then: () => void = () => undefined): void {
  // A parent that is gone in this very moment: its successor finds what there is in the trial's folder.
  process.send?.(message, undefined, undefined, then);
}

process.once('message', (message) => {
  const answer = (given: TrialMessage): void => {
    if (process.connected) send(given, () => process.connected && process.disconnect());
  };
  runTrial(message as TrialOrder, { signal: controller.signal, progress }).then(
    (done) => answer({ status: 'done', ...done }),
    (error: unknown) => {
      console.error(error);
      answer({ status: 'failed', reason: error instanceof Error ? error.message : String(error) });
    },
  );
});
