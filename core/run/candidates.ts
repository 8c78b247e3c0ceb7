import { existsSync } from 'node:fs';
import { concat, defer, EMPTY, ignoreElements, lastValueFrom, type Observable, of, Subject, tap } from 'rxjs';
import type { LoadedConfig } from '../config/load.js';
import type { OpenDataset } from '../contracts/dataset.js';
import type { NumberedEvent, RunEvent } from '../contracts/events.js';
import type { Chosen } from '../contracts/part.js';
import type { Architecture } from '../contracts/search-space.js';
import type { Strategy } from '../contracts/strategy.js';
import { createRandomSource } from '../train/random/index.js';
import type { WholeCheckpoint } from './checkpoint/read.js';
import { CheckpointWriter } from './checkpoint/writer.js';
import { Checkpoints } from './checkpoint/checkpoints.js';
import { createCandidate } from './candidate.js';
import type { EventNumbers } from './watch/events.js';
import type { RunFolder } from './folder/folder.js';
import { changedSince } from './checkpoint/growing.js';
import { BASELINE, RUN_FILES } from './folder/layout.js';
import { observe, startObservers } from './watch/observe.js';
import type { TrainingResult } from './result.js';
import { checkUnchanged, type ResumePoint, resumeNotes, resumePoint } from './folder/resume.js';
import { writeRunRecord } from './folder/run-record.js';
import { RUN_OWN_FILES, removeFromManifest } from './folder/manifest.js';
import { type RunFacts, candidateEvents } from './candidate-events.js';
import { type LeftOut, normalisationOf } from './images.js';
import { candidateFiles } from './candidate-files.js';

/** Runs the candidates of a run, its strategy and perhaps a baseline, one after the other. */
export interface CandidatesPlan {
  readonly loaded: LoadedConfig;
  readonly dataset: OpenDataset;
  readonly strategies: readonly Chosen<Strategy>[];
  readonly folder: RunFolder;
  readonly facts: RunFacts;
  readonly signal: AbortSignal;
  readonly events: Subject<NumberedEvent>;
  readonly numbers: EventNumbers;
  readonly resume: boolean;
  readonly interactive: boolean;
  /** False to search only. */
  readonly finishes: boolean;
  /** Reports what concerns this process; events report what concerns the run. */
  note(message: string): void;
}

/** Results of the candidates, as far as they got. */
export interface Outcome {
  readonly results: readonly TrainingResult[];
  /** Branches of the first candidate at the end. */
  readonly architecture?: Architecture;
  readonly interrupted: boolean;
}

/** A candidate's folder, and the checkpoint that it resumes from. */
interface CandidatePlace {
  readonly strategy: Chosen<Strategy>;
  readonly folder: RunFolder;
  readonly checkpoint?: WholeCheckpoint | undefined;
}

/** Trains and finishes every candidate; sends all events to the observers and to `events`. */
export async function runCandidates(c: CandidatesPlan): Promise<Outcome> {
  const { loaded, folder, facts, numbers } = c;
  const warn = (message: string): void => numbers.warn(message);
  const folders = c.strategies.map((_, index) => (index === 0 ? folder : folder.nested(BASELINE)));
  const resumed = c.resume ? enterAgain(c, folders) : undefined;
  const places = placesOf(c, folders, resumed);
  const first = Number(resumed?.from?.checkpoint.values['sequence'] ?? 0);
  numbers.startAt(first);
  const from = resumed?.from?.candidate ?? 0;
  const results: TrainingResult[] = places
    .slice(0, from)
    .map(({ folder: own }) => own.readJson(RUN_FILES.result) as TrainingResult);
  // The run is about to rewrite what it wrote about itself as a whole.
  if (from > 0) removeFromManifest(folder.path, RUN_OWN_FILES);
  else folder.remove(RUN_FILES.manifest);
  folder.writeJson(RUN_FILES.config, {
    config: loaded.config,
    origins: Object.fromEntries(loaded.origins),
    files: loaded.files,
    plugins: loaded.plugins,
    folder: loaded.folder,
  });
  for (const note of writeRunRecord(folder, facts, resumed)) c.note(note);
  const context = { folder: folder.path, firstSequence: first, interactive: c.interactive, warn };
  const sessions = await startObservers(loaded.parts.observers, context);
  const relay = new Subject<NumberedEvent>();
  const observed = observe(relay, sessions, { warn });
  const closing: (() => Promise<void>)[] = [];
  let architecture: Architecture | undefined;
  try {
    const stream = concat(
      ...places
        .slice(from)
        .map((place) => defer(() => runCandidate(c, place, closing, (result) => results.push(result)))),
      defer(() => doneEvents(c, results)),
    );
    await lastValueFrom(
      numbers.number(stream).pipe(
        tap((event) => {
          if (event.type === 'architecture') architecture ??= event.architecture;
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
    await Promise.allSettled(closing.map((close) => close()));
    await observed;
    for (const message of numbers.leftOver()) c.note(`warning: ${message}`);
  }
  const interrupted = c.signal.aborted && (c.finishes ? results.length < places.length : !architecture);
  return { results, ...(architecture && { architecture }), interrupted };
}

/** Finds where a run of this config resumes, and reports it. */
function enterAgain(c: CandidatesPlan, folders: readonly RunFolder[]): ResumePoint {
  const point = resumePoint(folders);
  // The config is a run's first file: a process that was killed earlier has left a lock and empty folders.
  if (point.from || existsSync(c.folder.file(RUN_FILES.config)))
    checkUnchanged(c.loaded, c.folder, (message) => c.numbers.warn(message));
  for (const note of resumeNotes(point, c.folder.path)) c.note(note);
  for (const { path, why } of changedSince(c.folder, point.from?.checkpoint.values['files']))
    c.note(`${path}: ${why}; the run goes on, but what is written there of its past is not whole`);
  return point;
}

function placesOf(
  { strategies }: CandidatesPlan,
  folders: readonly RunFolder[],
  { from }: Partial<ResumePoint> = {},
): CandidatePlace[] {
  return strategies.map((strategy, index) => ({
    strategy,
    folder: folders[index] as RunFolder,
    ...(from?.candidate === index && { checkpoint: from.checkpoint }),
  }));
}

/** Streams one candidate from its first step, or its checkpoint, to its exported model. */
function runCandidate(
  c: CandidatesPlan,
  place: CandidatePlace,
  closing: (() => Promise<void>)[],
  done: (result: TrainingResult) => void,
): Observable<RunEvent> {
  const { loaded, dataset, facts, signal, numbers } = c;
  const warn = (message: string): void => numbers.warn(message);
  const { config, parts } = loaded;
  if (signal.aborted) return EMPTY;
  const random = createRandomSource(config.seed);
  const candidate = createCandidate({ config, parts, dataset, random, warn, strategy: place.strategy, signal });
  if (place.checkpoint) {
    candidate.training.restore(place.checkpoint);
    candidate.images.restoreLeftOut((place.checkpoint.values['leftOut'] ?? {}) as LeftOut);
  }
  const writer = new CheckpointWriter(place.folder.path, {
    keep: config.checkpoint.keep,
    syncFirst: [c.folder.file(RUN_FILES.events)],
    ...(place.checkpoint && { resumedFrom: place.checkpoint }),
  });
  const checkpoint = new Checkpoints({
    every: config.checkpoint,
    root: c.folder,
    training: candidate.training,
    images: candidate.images,
    writer,
    numbers,
  });
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await writer.close();
    candidate.dispose();
  };
  closing.push(close);
  return concat(
    candidateEvents({
      config,
      parts,
      facts,
      candidate,
      files: candidateFiles(place.folder, c.folder.path, config.backbone.name),
      control: { signal, checkpoint },
      classes: dataset.classes,
      normalisation: normalisationOf(config.augment.normalise, dataset),
      resumedFrom: place.checkpoint?.path,
      finishes: c.finishes,
      done,
    }),
    defer(async () => {
      if (signal.aborted && !candidate.training.finished) await checkpoint.saveQuietly();
    }).pipe(ignoreElements()),
    defer(close).pipe(ignoreElements()),
  );
}

function doneEvents({ folder, strategies }: CandidatesPlan, results: readonly TrainingResult[]): Observable<RunEvent> {
  const [main, baseline] = results;
  // A signal that came too late has stopped nothing.
  if (!main || results.length < strategies.length) return EMPTY;
  return of({ type: 'done', run: folder.path, result: { main, ...(baseline && { baseline }) } });
}
