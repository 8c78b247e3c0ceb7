/**
 * The life of a run, from its config to its last file.
 *
 * `runToEnd` is the main job in reading order: load, open, start the engine, build, enter the folder, then search → train → fuse →
 * verify → evaluate → export for each candidate, and the manifest at the end. Generators compute and yield events; one RxJS pipeline
 * pulls them, numbers them, and hands each to the observers and to the caller. A step is computed when the pipeline asks for it.
 */
import { resolve } from 'node:path';
import { connectable, from, lastValueFrom, type Subject, tap } from 'rxjs';
import { messageOf } from '../config/container/describe.js';
import type { Services } from '../config/container/services.js';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import type { OpenDataset } from '../contracts/dataset.js';
import type { NumberedEvent, RunEvent } from '../contracts/events.js';
import type { Architecture } from '../contracts/search-space.js';
import { CLOCK, DATASET, type ServiceToken, SIGNAL, WARN } from '../contracts/services.js';
import { formatArchitecture } from '../io/formats/architecture.js';
import { train } from '../train/loop.js';
import { createRandomSource } from '../train/random/index.js';
import { type Candidate, createCandidate } from './candidate.js';
import { Checkpoints } from './checkpoint/checkpoints.js';
import type { WholeCheckpoint } from './checkpoint/read.js';
import { CheckpointWriter } from './checkpoint/writer.js';
import { startEngine } from './engine.js';
import { InterruptedError, prepare } from './errors.js';
import { finishCandidate } from './finish.js';
import { createRunFolder, type RunFolder } from './folder/folder.js';
import { BASELINE, RUN_FILES } from './folder/layout.js';
import { removeFromManifest, RUN_OWN_FILES, writeManifest } from './folder/manifest.js';
import { resume, writeRunRecord } from './folder/resume.js';
import type { LeftOut } from './images.js';
import type { RunFacts, RunOptions, TrainingResult } from './result.js';
import { EventNumbers, HeldWarnings } from './watch/events.js';
import { observe, startObservers } from './watch/observe.js';

/** Numbers the run's events, and turns warnings into events. */
export const EVENT_NUMBERS: ServiceToken<EventNumbers> = { name: 'event-numbers' };

/** A run that came to its end. */
export interface EndedRun {
  readonly folder: string;
  /** Results of the strategy and of the baseline, if there is one; none after a search. */
  readonly results: readonly TrainingResult[];
  /** Branches that the strategy chose. */
  readonly architecture: Architecture;
  /** Path of the file that holds them. */
  readonly file: string;
}

/** A run that has begun: what its candidates have in common. */
interface Run {
  readonly loaded: LoadedConfig;
  readonly services: Services;
  readonly dataset: OpenDataset;
  readonly folder: RunFolder;
  readonly facts: RunFacts;
  /** False to search only. */
  readonly finishes: boolean;
}

/** A candidate that was built, and the warnings that it gave so far. */
interface Built {
  readonly candidate: Candidate;
  readonly warnings: HeldWarnings;
}

/** A candidate whose turn is to come, with its folder and the checkpoint that it resumes from. */
interface Place extends Built {
  readonly folder: RunFolder;
  readonly checkpoint?: WholeCheckpoint | undefined;
}

/**
 * Runs a config to its last file, or to its architecture if it only searches.
 * @param events receives every numbered event
 * @throws InterruptedError after writing a checkpoint.
 */
export async function runToEnd(
  source: string | object | undefined,
  options: RunOptions,
  events: Subject<NumberedEvent>,
  finishes: boolean,
): Promise<EndedRun> {
  const { force = false, interactive = process.stderr.isTTY === true } = options;
  const note = options.note ?? ((message: string) => void process.stderr.write(`${message}\n`));
  const closing: (() => Promise<void> | void)[] = [];
  try {
    const loaded = await loadConfig(source, options);
    const { config, parts } = loaded;
    const services = runServices(loaded, options.signal);
    const { get } = services;

    const dataset = await prepare(() => get(DATASET));
    closing.push(() => dataset.close());
    const engine = await startEngine(parts.engines);
    closing.push(() => engine.session.stop());
    // Writes nothing before everything is known to fit together.
    const built = await buildCandidates(loaded, services, dataset);

    const name = options.name ?? runName(loaded);
    const out = resolve(options.cwd ?? process.cwd(), config.out);
    const folder = createRunFolder(out, name, { force, resume: options.resume ?? false });
    closing.push(() => folder.release());
    const { device } = engine.session;
    const versions = { node: process.versions.node, ...engine.session.versions };
    const facts: RunFacts = { run: name, engine: engine.name, device, versions, seed: config.seed };
    const run: Run = { loaded, services, dataset, folder, facts, finishes };
    const { places, results } = enterFolder(run, built, options.resume ?? false, note);

    const numbers = get(EVENT_NUMBERS);
    const context = { folder: folder.path, firstSequence: numbers.next, interactive, warn: get(WARN) };
    const observers = await startObservers(parts.observers, context);
    let architecture: Architecture | undefined;
    const events$ = connectable(numbers.number(from(runEvents(run, places, results))));
    const observed = observe(events$, observers, { warn: get(WARN) });
    const ended = lastValueFrom(
      events$.pipe(
        tap((event) => {
          if (event.type === 'architecture') architecture ??= event.architecture;
          events.next(event);
        }),
      ),
      { defaultValue: undefined },
    );
    events$.connect();
    try {
      await ended;
    } finally {
      await observed;
      for (const message of numbers.leftOver()) note(`warning: ${message}`);
    }

    const complete = finishes ? results.length === built.length : architecture !== undefined;
    if (get(SIGNAL).aborted && !complete) throw new InterruptedError(folder.path);
    const blocks = architecture ?? {};
    if (!finishes) folder.write(RUN_FILES.architecture, formatArchitecture({ backbone: config.backbone.name, blocks }));
    writeManifest(folder.path, finishes ? RUN_OWN_FILES : [RUN_FILES.architecture, ...RUN_OWN_FILES]);
    return { folder: folder.path, results, architecture: blocks, file: folder.file(RUN_FILES.architecture) };
  } finally {
    for (const close of closing.reverse()) {
      try {
        await close();
      } catch (error) {
        // A part that fails to close does not change the result.
        note(`something did not close: ${messageOf(error)}`);
      }
    }
  }
}

/** Registers the services of the whole run; `candidate.ts` registers those of each strategy. */
const runServices = ({ parts, registry, folder }: LoadedConfig, signal?: AbortSignal): Services =>
  registry
    .services()
    .register(CLOCK, () => ({ now: () => new Date() }))
    .register(SIGNAL, () => signal ?? new AbortController().signal)
    .register(EVENT_NUMBERS, () => new EventNumbers())
    .register(WARN, (get) => (message) => get(EVENT_NUMBERS).warn(message))
    .register(DATASET, (get) =>
      parts.dataset.definition.open(parts.dataset.options, { folder, warn: get(WARN), signal: get(SIGNAL) }),
    );

const runName = ({ config }: LoadedConfig): string =>
  `${config.strategy.name}-${config.backbone.name}-${config.dataset.name}-${config.seed}`;

/**
 * Builds the config's strategy, and the baseline if there is one, each with its own network. They hold no tensors before their first
 * step. @throws RefusedError if something does not fit.
 */
async function buildCandidates(
  { config, parts }: LoadedConfig,
  services: Services,
  dataset: OpenDataset,
): Promise<Built[]> {
  const built: Built[] = [];
  for (const strategy of [parts.strategy, ...(parts.baseline ? [parts.baseline] : [])]) {
    const warnings = new HeldWarnings();
    const warn = (message: string): void => warnings.warn(message);
    const random = createRandomSource(config.seed);
    const plan = { config, parts, strategy, dataset, random, warn, signal: services.get(SIGNAL) };
    built.push({ warnings, candidate: await prepare(() => createCandidate(plan, services)) });
  }
  return built;
}

/** Enters the run folder: finds the candidate and the checkpoint to go on from, and writes config and record of the run. */
function enterFolder(
  { loaded, services, folder, facts }: Run,
  built: readonly Built[],
  resumes: boolean,
  note: (message: string) => void,
): { readonly places: Place[]; readonly results: TrainingResult[] } {
  const { get } = services;
  const baselines = built.slice(1).map(() => folder.nested(BASELINE));
  const folders: readonly [RunFolder, ...RunFolder[]] = [folder, ...baselines];
  const resumed = resumes ? resume(loaded, folders, get(WARN), note) : undefined;
  const { candidate: first = 0, checkpoint } = resumed?.from ?? {};
  get(EVENT_NUMBERS).startAt(Number(checkpoint?.values['sequence'] ?? 0));
  const results = folders.slice(0, first).map((done) => done.readJson(RUN_FILES.result) as TrainingResult);
  // The run is about to rewrite what it wrote about itself as a whole.
  if (first > 0) removeFromManifest(folder.path, RUN_OWN_FILES);
  else folder.remove(RUN_FILES.manifest);
  const { config, files, plugins } = loaded;
  const origins = Object.fromEntries(loaded.origins);
  folder.writeJson(RUN_FILES.config, { config, origins, files, plugins, folder: loaded.folder });
  for (const text of writeRunRecord(folder, facts, get(CLOCK), resumed)) note(text);
  const places = built.map((one, index) => ({
    ...one,
    folder: folders[index] as RunFolder,
    ...(index === first && { checkpoint }),
  }));
  return { places: places.slice(first), results };
}

/** Runs the candidates one after the other; adds their results to `results`. */
async function* runEvents(run: Run, places: readonly Place[], results: TrainingResult[]): AsyncGenerator<RunEvent> {
  const { services, folder, finishes } = run;
  for (const place of places) {
    if (services.get(SIGNAL).aborted) return;
    const result = yield* candidateEvents(run, place);
    if (result) results.push(result);
    else if (finishes) return;
  }
  const [main, baseline] = results;
  if (main) yield { type: 'done', run: folder.path, result: { main, ...(baseline && { baseline }) } };
}

/**
 * Runs one candidate, from its first step or its checkpoint to its exported model.
 * @returns its result; undefined after an interruption or a search
 */
async function* candidateEvents(run: Run, place: Place): AsyncGenerator<RunEvent, TrainingResult | undefined> {
  const { loaded, services, dataset, folder: root, facts, finishes } = run;
  const { candidate, folder, checkpoint: resumedFrom } = place;
  const { training } = candidate;
  const { get } = services;
  const signal = get(SIGNAL);
  place.warnings.release(get(WARN));
  if (resumedFrom) {
    training.restore(resumedFrom);
    candidate.images.restoreLeftOut((resumedFrom.values['leftOut'] ?? {}) as LeftOut);
  }
  const { keep } = loaded.config.checkpoint;
  const syncFirst = [root.file(RUN_FILES.events)];
  const writer = new CheckpointWriter(folder.path, { keep, syncFirst, ...(resumedFrom && { resumedFrom }) });
  const checkpoint = new Checkpoints({
    every: loaded.config.checkpoint,
    root,
    training,
    images: candidate.images,
    writer,
    numbers: get(EVENT_NUMBERS),
  });
  try {
    if (!resumedFrom) yield startedEvent(candidate, facts);
    yield* train(training, { signal, checkpoint });
    let result: TrainingResult | undefined;
    if (finishes && !signal.aborted) {
      training.takeAverage();
      const finish = finishCandidate({ loaded, facts, dataset, candidate, folder, root: root.path });
      // An interrupted finish is repeated from the last checkpoint.
      result = yield* untilAborted(finish, signal);
    }
    if (signal.aborted && !training.finished) await checkpoint.saveQuietly();
    await writer.close();
    return result;
  } finally {
    // After a failure, which is the one to report.
    await writer.close().catch(() => undefined);
    candidate.dispose();
  }
}

function startedEvent({ strategy, training, gates, budget }: Candidate, facts: RunFacts): RunEvent {
  return {
    type: 'run-started',
    ...facts,
    entrant: strategy.definition.name,
    totalSteps: training.totalSteps,
    gates,
    budget: budget.asked,
    ...(budget.unit !== 'gates' && { budgetUnit: budget.unit }),
  };
}

/** Passes events on up to the one during which the signal fired. @returns what the generator returns, unless it was cut short */
async function* untilAborted<Event, Result>(
  events: AsyncGenerator<Event, Result>,
  signal: AbortSignal,
): AsyncGenerator<Event, Result | undefined> {
  try {
    for (;;) {
      const next = await events.next();
      if (next.done) return next.value;
      if (signal.aborted) return undefined;
      yield next.value;
    }
  } finally {
    // Lets the generator dispose what it holds.
    await events.return(undefined as Result);
  }
}
