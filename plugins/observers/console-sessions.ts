import cliProgress from 'cli-progress';
import type { ObserverSession } from '../../core/contracts/index.js';
import { ProgressTracker } from './progress.js';
import { inWords, type Progress, progressParts } from './words.js';

/** Where lines go, and how late it is. */
export interface Screen {
  readonly stream: NodeJS.WritableStream & { readonly columns?: number };
  /** Milliseconds, of any origin. */
  readonly now: () => number;
}

/** Plain lines: phases, evaluations and the like as they come, steps not more often than every `every` milliseconds. */
export function lineSession({ stream, now }: Screen, every: number): ObserverSession {
  const tracker = new ProgressTracker(now);
  let last = now();
  return {
    next: (event) => {
      tracker.see(event);
      const words = inWords(event);
      if (words !== undefined) stream.write(`${words}\n`);
      const { progress } = tracker;
      if (event.type !== 'step' || !progress || now() - last < every) return;
      last = now();
      stream.write(`step ${progress.step} of ${progress.totalSteps}: ${progressParts(progress).join(', ')}\n`);
    },
    complete: () => {},
  };
}

/** A bar at the foot of the terminal, and above it lines about phases, evaluations and the like. */
export function barSession({ stream, now }: Screen): ObserverSession {
  const tracker = new ProgressTracker(now);
  const bars = new cliProgress.MultiBar({
    stream,
    linewrap: true,
    clearOnComplete: true,
    format: (_options, _params, { progress }: { progress?: Progress }) => barLine(progress, stream.columns ?? 80),
  });
  let bar: cliProgress.SingleBar | undefined;
  return {
    next: (event) => {
      tracker.see(event);
      const words = inWords(event);
      if (words !== undefined && bar) bars.log(`${words}\n`);
      else if (words !== undefined) stream.write(`${words}\n`);
      const { progress } = tracker;
      if (event.type !== 'step' || !progress) return;
      bar ??= bars.create(progress.totalSteps, 0, {});
      bar.update(progress.step, { progress });
    },
    complete: () => {
      // What was logged since the last redraw.
      if (bar) bars.update();
      bars.stop();
    },
  };
}

const BAR = 24;

/** `━━━━━━──────  42 %  search epoch 3  loss 1.234  …`, as much as one line holds. */
export function barLine(progress: Progress | undefined, columns: number): string {
  if (!progress) return '';
  const share = progress.totalSteps > 0 ? Math.min(1, progress.step / progress.totalSteps) : 1;
  const filled = Math.round(share * BAR);
  let line = `${'━'.repeat(filled)}${'─'.repeat(BAR - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`;
  for (const part of progressParts(progress)) {
    if (line.length + 2 + part.length >= columns) break;
    line += `  ${part}`;
  }
  return line;
}
