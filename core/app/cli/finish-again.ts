import type { RunEvent } from '../../contracts/events.js';
import { checkInWords } from '../../io/export/words.js';
import { createFinish, type FinishedRun, type FinishOptions } from '../../run/run.js';

/** Fuses, verifies, evaluates and exports a finished run again, and reports every step on stderr. */
export function finishAgain(run: string, options: FinishOptions): Promise<FinishedRun> {
  const { events$, done } = createFinish(run, options);
  events$.subscribe({
    next: (event) => void process.stderr.write(`${describe(event)}\n`),
    // The error is reported where the result is awaited.
    error: () => undefined,
  });
  return done;
}

function describe(event: RunEvent): string {
  switch (event.type) {
    case 'certificate':
      return `fused equals trained on ${event.images} images: relative error ${event.relativeError.toExponential(1)}, allowed ${event.tolerance}`;
    case 'evaluation':
      return `${event.of}: accuracy ${(100 * event.accuracy).toFixed(2)} % of ${event.images} images, loss ${event.loss.toFixed(4)}`;
    case 'export':
      return `${event.format}: ${event.bytes} bytes in ${event.path}; ${checkInWords(event)}`;
    case 'warning':
      return `warning: ${event.message}`;
    case 'run-started':
    case 'phase-started':
    case 'step':
    case 'epoch-ended':
    case 'gates':
    case 'architecture':
    case 'checkpoint':
    case 'done':
      return event.type;
  }
}
