import { resolve } from 'node:path';
import { type Observable, Subject } from 'rxjs';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import type { NumberedEvent } from '../contracts/events.js';
import type { Architecture } from '../contracts/search-space.js';
import { formatArchitecture } from '../formats/architecture.js';
import { createRandomSource } from '../random/index.js';
import { contest, type Outcome } from './contest.js';
import { createContestant } from './contestant.js';
import { startEngine } from './engine.js';
import { EventNumbers } from './events.js';
import { createRunFolder, type RunFolder } from './folder.js';
import { RUN_FILES } from './layout.js';
import type { RunResult, TrainingResult } from './result.js';

export interface RunOptions {
  /** @default process.cwd() */
  readonly cwd?: string | undefined;
  /** `key.path=value`, laid over the config. */
  readonly set?: readonly string[] | undefined;
  /** Name of the run folder below the config's `out`. @default made of strategy, backbone, dataset and seed */
  readonly name?: string | undefined;
  /** Replace a run of this name. @default false */
  readonly force?: boolean | undefined;
  /** Go on with a run of this name from its newest whole checkpoint. @default false */
  readonly resume?: boolean | undefined;
  /** Stops the run after the running step, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Whether a person watches on a terminal. @default process.stderr.isTTY */
  readonly interactive?: boolean | undefined;
}

/** A run that was stopped by its signal; its last checkpoint is whole. */
export class InterruptedError extends Error {
  readonly folder: string;

  constructor(folder: string) {
    super(`interrupted; go on with --resume (${folder})`);
    this.name = 'InterruptedError';
    this.folder = folder;
  }
}

/** Something that goes on, and what it comes to. */
export interface Run<Result = RunResult> {
  /** Everything that happens, in order. Hot; completes or fails with the run. */
  readonly events$: Observable<NumberedEvent>;
  /** What it came to. @throws ConfigError, InterruptedError, DivergedError, CertificateError … */
  readonly done: Promise<Result>;
}

/** What a search came to. */
export interface SearchResult {
  readonly folder: string;
  readonly architecture: Architecture;
  /** The file that `repnas train --arch` takes. */
  readonly file: string;
}

/**
 * The main job: search, train, fuse, verify, evaluate, export; beside it the baseline where the config names one. Begins once
 * the caller has returned to the event loop, so that nothing is missed by subscribing at once.
 * @param source Name of a preset, path of a config file, a config as an object; absent: the nearest config file.
 */
export function createRun(source?: string | object, options: RunOptions = {}): Run {
  return begin(async (events) => {
    const { folder, outcome } = await execute(source, options, events, true);
    const [main, baseline] = outcome.results;
    return { folder, main: main as TrainingResult, ...(baseline && { baseline }) };
  });
}

/** The search alone: warm-up and search phases, then the chosen architecture as a file. */
export function createSearch(source?: string | object, options: RunOptions = {}): Run<SearchResult> {
  return begin(async (events) => {
    const set = [...(options.set ?? []), 'train.epochs.frozen=0', 'baseline=false'];
    const { folder, outcome, file } = await execute(source, { ...options, set }, events, false);
    return { folder, architecture: outcome.architecture as Architecture, file };
  });
}

function begin<Result>(work: (events: Subject<NumberedEvent>) => Promise<Result>): Run<Result> {
  const events = new Subject<NumberedEvent>();
  const done = new Promise<void>((go) => setImmediate(go)).then(() => work(events));
  done.then(
    () => events.complete(),
    (error: unknown) => events.error(error),
  );
  // Somebody who only watches must not be told of a rejection that nobody handles, nor the other way round.
  done.catch(() => undefined);
  events.subscribe({ error: () => undefined });
  return { events$: events.asObservable(), done };
}

async function execute(
  source: string | object | undefined,
  options: RunOptions,
  events: Subject<NumberedEvent>,
  finishes: boolean,
): Promise<{ readonly folder: string; readonly outcome: Outcome; readonly file: string }> {
  const loaded = await loadConfig(source, options);
  const signal = options.signal ?? new AbortController().signal;
  const numbers = new EventNumbers();
  const warn = (message: string): void => numbers.warn(message);
  const { config, parts } = loaded;
  const { definition, options: datasetOptions } = parts.dataset;
  const dataset = await definition.open(datasetOptions, { folder: loaded.folder, warn, signal });
  const closing: (() => Promise<void> | void)[] = [() => dataset.close()];
  try {
    const entrants = [parts.strategy, ...(parts.baseline ? [parts.baseline] : [])];
    // Before anything is written: what does not fit together is told now.
    const random = createRandomSource(config.seed);
    const trial = new EventNumbers();
    for (const strategy of entrants) {
      createContestant({ config, parts, dataset, random, warn: (message) => trial.warn(message), strategy }).dispose();
    }
    const engine = await startEngine(parts.engines);
    closing.push(() => engine.session.stop());
    const run = options.name ?? runName(loaded);
    const { force = false, resume = false } = options;
    const folder = createRunFolder(resolve(options.cwd ?? process.cwd(), config.out), run, { force, resume });
    closing.push(() => folder.release());
    const { device, versions } = engine.session;
    const facts = {
      run,
      engine: engine.name,
      device,
      versions: { node: process.versions.node, ...versions },
      seed: config.seed,
    };
    const interactive = options.interactive ?? process.stderr.isTTY === true;
    const common = { loaded, dataset, entrants, folder, facts, signal, events, numbers, resume, interactive, finishes };
    const outcome = await contest(common);
    if (outcome.interrupted) throw new InterruptedError(folder.path);
    if (!finishes) writeArchitecture(folder, loaded, outcome);
    return { folder: folder.path, outcome, file: folder.file(RUN_FILES.architecture) };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

const runName = ({ config }: LoadedConfig): string =>
  `${config.strategy.name}-${config.backbone.name}-${config.dataset.name}-${config.seed}`;

function writeArchitecture(folder: RunFolder, { config }: LoadedConfig, { architecture = {} }: Outcome): void {
  folder.write(RUN_FILES.architecture, formatArchitecture({ backbone: config.backbone.name, blocks: architecture }));
}
