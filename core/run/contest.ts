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
import { createContestant } from './contestant.js';
import type { EventNumbers } from './watch/events.js';
import type { RunFolder } from './folder/folder.js';
import { changedSince } from './checkpoint/growing.js';
import { BASELINE, RUN_FILES } from './folder/layout.js';
import { observe, startObservers } from './watch/observe.js';
import type { TrainingResult } from './result.js';
import { checkUnchanged, type ResumePoint, resumeNotes, resumePoint } from './folder/resume.js';
import { writeRunRecord } from './folder/run-record.js';
import { RUN_OWN_FILES, unseal } from './folder/seal.js';
import { type RunFacts, trialEvents } from './trial.js';
import { type LeftOut, normalisationOf } from './images.js';
import { trialFiles } from './trial-files.js';

/** A run's entrants, one after the other, in a folder that is theirs. */
export interface Contest {
  readonly loaded: LoadedConfig;
  readonly dataset: OpenDataset;
  readonly entrants: readonly Chosen<Strategy>[];
  readonly folder: RunFolder;
  readonly facts: RunFacts;
  readonly signal: AbortSignal;
  readonly events: Subject<NumberedEvent>;
  readonly numbers: EventNumbers;
  readonly resume: boolean;
  readonly interactive: boolean;
  /** False: only search. */
  readonly finishes: boolean;
  /** Tells of this process, where events tell of the run. */
  note(message: string): void;
}

/** What the entrants came to, as far as they got. */
export interface Outcome {
  readonly results: readonly TrainingResult[];
  /** The branches that the first entrant has in the end. */
  readonly architecture?: Architecture;
  readonly interrupted: boolean;
}

/** One entrant's place: its folder, and where it goes on from. */
interface Place {
  readonly strategy: Chosen<Strategy>;
  readonly folder: RunFolder;
  readonly checkpoint?: WholeCheckpoint | undefined;
}

/** Trains every entrant, and finishes it; tells observers and `events` of everything. */
export async function contest(c: Contest): Promise<Outcome> {
  const { loaded, folder, facts, numbers } = c;
  const warn = (message: string): void => numbers.warn(message);
  const folders = c.entrants.map((_, index) => (index === 0 ? folder : folder.nested(BASELINE)));
  const resumed = c.resume ? enterAgain(c, folders) : undefined;
  const places = placesOf(c, folders, resumed);
  const first = Number(resumed?.from?.checkpoint.values['sequence'] ?? 0);
  numbers.startAt(first);
  const from = resumed?.from?.entrant ?? 0;
  const results: TrainingResult[] = places
    .slice(0, from)
    .map(({ folder: own }) => own.readJson(RUN_FILES.result) as TrainingResult);
  // What the run wrote about itself as a whole is about to be written anew.
  if (from > 0) unseal(folder.path, RUN_OWN_FILES);
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
        .map((place) => defer(() => entrantEvents(c, place, closing, (result) => results.push(result)))),
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

/** Where a run of this config goes on from; says so. */
function enterAgain(c: Contest, folders: readonly RunFolder[]): ResumePoint {
  const point = resumePoint(folders);
  // The config is the first file of a run: a process that was killed before has left a lock and empty folders.
  if (point.from || existsSync(c.folder.file(RUN_FILES.config)))
    checkUnchanged(c.loaded, c.folder, (message) => c.numbers.warn(message));
  for (const note of resumeNotes(point, c.folder.path)) c.note(note);
  for (const { path, why } of changedSince(c.folder, point.from?.checkpoint.values['files']))
    c.note(`${path}: ${why}; the run goes on, but what is written there of its past is not whole`);
  return point;
}

function placesOf({ entrants }: Contest, folders: readonly RunFolder[], { from }: Partial<ResumePoint> = {}): Place[] {
  return entrants.map((strategy, index) => ({
    strategy,
    folder: folders[index] as RunFolder,
    ...(from?.entrant === index && { checkpoint: from.checkpoint }),
  }));
}

/** One entrant from its first step, or its checkpoint, to its exported model. */
function entrantEvents(
  c: Contest,
  place: Place,
  closing: (() => Promise<void>)[],
  done: (result: TrainingResult) => void,
): Observable<RunEvent> {
  const { loaded, dataset, facts, signal, numbers } = c;
  const warn = (message: string): void => numbers.warn(message);
  const { config, parts } = loaded;
  if (signal.aborted) return EMPTY;
  const random = createRandomSource(config.seed);
  const contestant = createContestant({ config, parts, dataset, random, warn, strategy: place.strategy, signal });
  if (place.checkpoint) {
    contestant.training.restore(place.checkpoint);
    contestant.images.restoreLeftOut((place.checkpoint.values['leftOut'] ?? {}) as LeftOut);
  }
  const writer = new CheckpointWriter(place.folder.path, {
    keep: config.checkpoint.keep,
    syncFirst: [c.folder.file(RUN_FILES.events)],
    ...(place.checkpoint && { resumedFrom: place.checkpoint }),
  });
  const checkpoint = new Checkpoints({
    every: config.checkpoint,
    root: c.folder,
    training: contestant.training,
    images: contestant.images,
    writer,
    numbers,
  });
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await writer.close();
    contestant.dispose();
  };
  closing.push(close);
  return concat(
    trialEvents({
      config,
      parts,
      facts,
      contestant,
      files: trialFiles(place.folder, c.folder.path, config.backbone.name),
      control: { signal, checkpoint },
      classes: dataset.classes,
      normalisation: normalisationOf(config.augment.normalise, dataset),
      resumedFrom: place.checkpoint?.path,
      finishes: c.finishes,
      done,
    }),
    defer(async () => {
      if (signal.aborted && !contestant.training.finished) await checkpoint.saveQuietly();
    }).pipe(ignoreElements()),
    defer(close).pipe(ignoreElements()),
  );
}

function doneEvents({ folder, entrants }: Contest, results: readonly TrainingResult[]): Observable<RunEvent> {
  const [main, baseline] = results;
  // A signal that came too late to stop anything has stopped nothing.
  if (!main || results.length < entrants.length) return EMPTY;
  return of({ type: 'done', run: folder.path, result: { main, ...(baseline && { baseline }) } });
}
