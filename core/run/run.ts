import { relative, resolve } from 'node:path';
import { concat, defer, EMPTY, from, ignoreElements, lastValueFrom, type Observable, of, Subject, tap } from 'rxjs';
import { loadConfig, type LoadedConfig } from '../config/load.js';
import type { OpenDataset } from '../contracts/dataset.js';
import type { NumberedEvent, RunEvent } from '../contracts/events.js';
import type { Chosen } from '../contracts/part.js';
import type { Strategy } from '../contracts/strategy.js';
import { createRandomSource } from '../random/index.js';
import type { Checkpointing } from '../training/loop.js';
import { newestWhole, type WholeCheckpoint } from './checkpoint-read.js';
import { CheckpointWriter } from './checkpoint-writer.js';
import { ConfigChangedError, configChanges } from './changes.js';
import { type Contestant, createContestant } from './contestant.js';
import { startEngine } from './engine.js';
import { EventNumbers } from './events.js';
import { createRunFolder, RUN_FILES, type RunFolder } from './folder.js';
import { observe, startObservers } from './observe.js';
import type { RunResult, TrainingResult } from './result.js';
import { type RunFacts, trialEvents } from './trial.js';
import { trialFiles } from './trial-files.js';

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

export interface Run {
  /** Everything that happens, in order. Hot; completes or fails with the run. */
  readonly events$: Observable<NumberedEvent>;
  /** What it came to. @throws ConfigError, InterruptedError, DivergedError, CertificateError … */
  readonly done: Promise<RunResult>;
}

/**
 * The main job: search, train, fuse, verify, evaluate, export; beside it the baseline where the config names one. Begins once
 * the caller has returned to the event loop, so that nothing is missed by subscribing at once.
 * @param source Name of a preset, path of a config file, a config as an object; absent: the nearest config file.
 */
export function createRun(source?: string | object, options: RunOptions = {}): Run {
  const events = new Subject<NumberedEvent>();
  const done = new Promise<void>((begin) => setImmediate(begin)).then(() => execute(source, options, events));
  done.then(
    () => events.complete(),
    (error: unknown) => events.error(error),
  );
  // Somebody who only watches must not be told of a rejection that nobody handles.
  done.catch(() => undefined);
  events.subscribe({ error: () => undefined });
  return { events$: events.asObservable(), done };
}

async function execute(source: string | object | undefined, options: RunOptions, events: Subject<NumberedEvent>): Promise<RunResult> {
  const loaded = await loadConfig(source, options);
  const signal = options.signal ?? new AbortController().signal;
  const numbers: { current?: EventNumbers; before: string[] } = { before: [] };
  const warn = (message: string): void => {
    if (numbers.current) numbers.current.warn(message);
    else numbers.before.push(message);
  };
  const { config, parts } = loaded;
  const { dataset: chosen } = parts;
  const dataset = await chosen.definition.open(chosen.options, { folder: loaded.folder, warn, signal });
  try {
    const plan = { config, parts, dataset, random: createRandomSource(config.seed), warn };
    // Before anything is written: what does not fit together is told now.
    const entrants = [parts.strategy, ...(parts.baseline ? [parts.baseline] : [])];
    for (const strategy of entrants) createContestant({ ...plan, strategy }).dispose();
    const engine = await startEngine(parts.engines);
    try {
      const name = options.name ?? runName(loaded);
      const { force = false, resume = false } = options;
      const folder = createRunFolder(resolve(options.cwd ?? process.cwd(), config.out), name, { force, resume });
      try {
        const facts: RunFacts = {
          run: name,
          engine: engine.name,
          device: engine.session.device,
          versions: { node: process.versions.node, ...engine.session.versions },
          seed: config.seed,
        };
        return await contest({ loaded, dataset, entrants, folder, facts, signal, events, numbers, warn, options, closing: [] });
      } finally {
        folder.release();
      }
    } finally {
      await engine.session.stop();
    }
  } finally {
    await dataset.close();
  }
}

const runName = ({ config }: LoadedConfig): string =>
  `${config.strategy.name}-${config.backbone.name}-${config.dataset.name}-${config.seed}`;

interface Contest {
  readonly loaded: LoadedConfig;
  readonly dataset: OpenDataset;
  readonly entrants: readonly Chosen<Strategy>[];
  readonly folder: RunFolder;
  readonly facts: RunFacts;
  readonly signal: AbortSignal;
  readonly events: Subject<NumberedEvent>;
  readonly numbers: { current?: EventNumbers; before: string[] };
  readonly options: RunOptions;
  /** What must be closed whatever happens. */
  readonly closing: (() => Promise<void>)[];
  warn(message: string): void;
}

/** One entrant's place: its folder, and where it goes on from. */
interface Place {
  readonly strategy: Chosen<Strategy>;
  readonly folder: RunFolder;
  readonly checkpoint?: WholeCheckpoint | undefined;
}

async function contest(c: Contest): Promise<RunResult> {
  const { loaded, folder, facts, warn } = c;
  const places = placesOf(c);
  const begun = places.findLast(({ checkpoint }) => checkpoint !== undefined);
  if (c.options.resume) checkUnchanged(loaded, folder, warn);
  const first = Number(begun?.checkpoint?.values['sequence'] ?? 0);
  const numbers = new EventNumbers(first);
  c.numbers.current = numbers;
  for (const message of c.numbers.before) numbers.warn(message);
  folder.writeJson(RUN_FILES.config, { config: loaded.config, origins: Object.fromEntries(loaded.origins), files: loaded.files });
  folder.writeJson(RUN_FILES.run, { ...facts, started: new Date().toISOString() });
  const interactive = c.options.interactive ?? process.stderr.isTTY === true;
  const context = { folder: folder.path, firstSequence: first, interactive, warn };
  const sessions = await startObservers(loaded.parts.observers, context);
  const relay = new Subject<NumberedEvent>();
  const observed = observe(relay, sessions, { warn });
  const results: TrainingResult[] = [];
  const from = begun ? places.indexOf(begun) : 0;
  for (const { folder: own } of places.slice(0, from)) results.push(own.readJson(RUN_FILES.result) as TrainingResult);
  try {
    const stream = concat(
      ...places.slice(from).map((place) => defer(() => entrantEvents(c, place, numbers, (result) => results.push(result)))),
      defer(() => doneEvents(c, results)),
    );
    await lastValueFrom(
      numbers.number(stream).pipe(
        tap((event) => {
          relay.next(event);
          c.events.next(event);
        }),
      ),
      { defaultValue: undefined },
    );
    relay.complete();
  } catch (error) {
    relay.error(error);
    throw error;
  } finally {
    for (const close of c.closing) await close();
    await observed;
  }
  const [main, baseline] = results;
  if (c.signal.aborted && results.length < places.length) throw new InterruptedError(folder.path);
  return { folder: folder.path, main: main as TrainingResult, ...(baseline && { baseline }) };
}

function placesOf({ entrants, folder, options }: Contest): Place[] {
  return entrants.map((strategy, index) => {
    const own = index === 0 ? folder : folder.nested('baseline');
    if (!options.resume) return { strategy, folder: own };
    const { newest, skipped } = newestWhole(own.path);
    for (const { path, why } of skipped) process.emitWarning(`checkpoint left out: ${path}: ${why}`);
    return { strategy, folder: own, checkpoint: newest };
  });
}

function checkUnchanged({ config }: LoadedConfig, folder: RunFolder, warn: (message: string) => void): void {
  const { config: before } = folder.readJson(RUN_FILES.config) as { config: unknown };
  const { forbidden, told } = configChanges(before, config);
  if (forbidden.length > 0) throw new ConfigChangedError(folder.path, forbidden);
  for (const { path, before: was, now } of told) {
    warn(`resumed with another ${path}: was ${JSON.stringify(was)}, is ${JSON.stringify(now)}; the same bytes are not to be expected`);
  }
}

/** One entrant from its first step, or its checkpoint, to its exported model. */
function entrantEvents(c: Contest, place: Place, numbers: EventNumbers, done: (result: TrainingResult) => void): Observable<RunEvent> {
  const { loaded, dataset, facts, signal } = c;
  const { config, parts } = loaded;
  if (signal.aborted) return EMPTY;
  const random = createRandomSource(config.seed);
  const contestant = createContestant({ config, parts, dataset, random, warn: c.warn, strategy: place.strategy });
  if (place.checkpoint) contestant.training.restore(place.checkpoint);
  const writer = new CheckpointWriter(place.folder.path, {
    keep: config.checkpoint.keep,
    syncFirst: place.folder === c.folder ? [RUN_FILES.events] : [],
    ...(place.checkpoint && { resumedFrom: place.checkpoint }),
  });
  const checkpoint = checkpointing(c, contestant, writer, numbers);
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await writer.close();
    contestant.dispose();
  };
  c.closing.push(close);
  const { mean, deviation } = dataset;
  return concat(
    trialEvents({
      config,
      parts,
      facts,
      contestant,
      files: trialFiles(place.folder, c.folder.path, config.backbone.name),
      control: { signal, checkpoint },
      classes: dataset.classes,
      normalisation: config.augment.normalise ? { mean, deviation } : { mean: mean.map(() => 0), deviation: deviation.map(() => 1) },
      resumedFrom: place.checkpoint?.path,
      done,
    }),
    defer(() => (signal.aborted && !contestant.training.finished ? from(checkpoint.save()) : EMPTY)),
    defer(close).pipe(ignoreElements()),
  );
}

/** Checkpoints that hold the training and the number of the event after them. */
function checkpointing(
  { loaded: { config }, folder }: Contest,
  { training }: Contestant,
  writer: CheckpointWriter,
  numbers: EventNumbers,
): Checkpointing {
  return {
    ...config.checkpoint,
    save: async () => {
      // Once the one before is written there is no pause between the copy and its event.
      await writer.flush();
      const { arrays, values } = training.save();
      const { step, best } = training.cursor;
      const isBest = best?.step === step;
      const state = { arrays, values: { ...values, sequence: numbers.next + 1 } };
      const path = relative(folder.path, await writer.save(state, { step, best: isBest }));
      return { type: 'checkpoint', step, path, best: isBest };
    },
  };
}

function doneEvents({ folder, signal }: Contest, results: readonly TrainingResult[]): Observable<RunEvent> {
  const [main, baseline] = results;
  if (signal.aborted || !main) return EMPTY;
  return of({ type: 'done', run: folder.path, result: { main, ...(baseline && { baseline }) } });
}
