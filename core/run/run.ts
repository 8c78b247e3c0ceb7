import { type Observable, Subject } from 'rxjs';
import type { ConfigFile } from '../config/define.js';
import type { NumberedEvent } from '../contracts/events.js';
import type { FinishedRun, FinishOptions, RunOptions, RunResult, SearchResult, TrainingResult } from './result.js';

export { InterruptedError } from './errors.js';
export type { FinishedRun, FinishOptions, RunOptions, SearchResult };

// The first run loads what computes; importing the package loads no engine.

/** Work in progress, and its result. */
export interface Run<Result = RunResult> {
  /** All events, in order. Hot; completes or fails with the run. */
  readonly events$: Observable<NumberedEvent>;
  /** The result. @throws ConfigError, InterruptedError, DivergedError, CertificateError … */
  readonly done: Promise<Result>;
}

/**
 * The main job: search, train, fuse, verify, evaluate, export; beside it the baseline if the config names one. Begins once
 * the caller has returned to the event loop, so that nothing is missed by subscribing at once.
 * @param source Name of a preset, path of a config file, a config as an object; absent: the nearest config file.
 */
export function createRun(source?: string | ConfigFile, options: RunOptions = {}): Run {
  return begin(async (events) => {
    const { runToEnd } = await import('./life.js');
    const { folder, results } = await runToEnd(source, options, events, true);
    const [main, baseline] = results;
    return { folder, main: main as TrainingResult, ...(baseline && { baseline }) };
  });
}

/** Only searches: warm-up and search phases, then writes the chosen architecture. */
export function createSearch(source?: string | ConfigFile, options: RunOptions = {}): Run<SearchResult> {
  return begin(async (events) => {
    const set = [...(options.set ?? []), 'train.epochs.frozen=0', 'baseline=false'];
    const { runToEnd } = await import('./life.js');
    const { folder, architecture, file } = await runToEnd(source, { ...options, set }, events, false);
    return { folder, architecture, file };
  });
}

/** Fuses, verifies, evaluates and exports a finished run again: `fuse`, `eval` and `export` use this. */
export function createFinish(run: string, options: FinishOptions = {}): Run<FinishedRun> {
  return begin(async (events) => {
    const { finishAgain } = await import('./reopen.js');
    return finishAgain(run, options, events);
  });
}

function begin<Result>(work: (events: Subject<NumberedEvent>) => Promise<Result>): Run<Result> {
  const events = new Subject<NumberedEvent>();
  const done = new Promise<void>((go) => setImmediate(go)).then(() => work(events));
  done.then(
    () => events.complete(),
    (error: unknown) => events.error(error),
  );
  // A rejection must not count as unhandled for callers that only watch events, nor the other way round.
  done.catch(() => undefined);
  events.subscribe({ error: () => undefined });
  return { events$: events.asObservable(), done };
}
