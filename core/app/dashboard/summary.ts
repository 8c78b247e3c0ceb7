import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../io/files/index.js';
import { RUN_FILES } from '../../run/folder/layout.js';
import { isInUse } from '../../run/folder/lock.js';
import { readDescription } from '../compare/description.js';
import { COMPARISON } from '../compare/layout.js';
import { readRecords } from '../compare/records.js';
import type { Entry } from './folders.js';

// Summarises a run or a comparison for the list, from its small files and the end of its events: a thousand of them are looked at in
// less than a second, and again only once they have changed.

export type LifeState = 'running' | 'stopped' | 'done';

/** One line of the list. */
export interface Summary extends Entry {
  readonly state: LifeState;
  /** Strategy of a run, or entrants of a comparison. */
  readonly what: string;
  readonly dataset: string;
  readonly backbone: string;
  readonly engine: string;
  /** Part that is done, from 0 to 1. */
  readonly progress: number;
  /** Newest accuracy on test images; of a comparison, the best entrant's mean. */
  readonly accuracy?: number;
  /** Milliseconds since 1970 of the last change. */
  readonly changed: number;
  /** Of a run that goes on and was not resumed, by its progress so far. */
  readonly secondsLeft?: number;
}

const named = z.object({ name: z.string() });
const config = z.object({ strategy: named, dataset: named, backbone: named });
const saved = z.object({ config });
const facts = z.object({ engine: z.string(), started: z.string(), resumed: z.array(z.unknown()).default([]) });
const result = z.object({ accuracy: z.object({ fused: z.number() }) });

/** Undefined for what is missing, damaged, or of another version. */
function readOr<T>(schema: z.ZodType<T>, folder: string, name: string): T | undefined {
  try {
    return schema.safeParse(readJson(join(folder, name))).data;
  } catch {
    return undefined;
  }
}

const changeOf = (path: string): number => {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
};

const TAIL = 2 ** 16;

/** The last lines of a file, without the one that the part begins in. */
function lastLines(path: string): string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(TAIL, size));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const lines = bytes.toString('utf8').split('\n');
    return size > TAIL ? lines.slice(1) : lines;
  } finally {
    closeSync(file);
  }
}

const step = z.object({ type: z.literal('step'), step: z.number(), totalSteps: z.number() });
const evaluation = z.object({ type: z.literal('evaluation'), accuracy: z.number() });

function lastOf<T>(schema: z.ZodType<T>, lines: readonly string[], type: string): T | undefined {
  for (const line of lines.toReversed()) {
    if (!line.startsWith(`{"type":"${type}"`)) continue;
    try {
      return schema.parse(JSON.parse(line));
    } catch {
      // Cut off, or of another version.
    }
  }
  return undefined;
}

/** Summaries, each kept until one of the files that it is made from changes. */
export class Summaries {
  readonly #kept = new Map<string, { readonly stamp: string; readonly summary: Summary }>();

  /** @param now milliseconds since 1970, for the time left */
  of(entry: Entry, now: number): Summary {
    const stamp = stampOf(entry);
    const before = this.#kept.get(entry.id);
    // A process that was killed changes nothing: whether it still runs is asked every time.
    if (before?.stamp === stamp && before.summary.state !== 'running') return before.summary;
    const summary = entry.kind === 'run' ? runSummary(entry, now) : comparisonSummary(entry);
    this.#kept.set(entry.id, { stamp, summary });
    return summary;
  }
}

const FILES = {
  run: [RUN_FILES.events, RUN_FILES.result, RUN_FILES.run],
  comparison: [COMPARISON.records, COMPARISON.description],
} as const;

/** Changes when there is something new to show. */
export const stampOf = ({ kind, path }: Entry): string =>
  [...FILES[kind].map((name) => changeOf(join(path, name))), isInUse(path)].join();

function runSummary(entry: Entry, now: number): Summary {
  const { path } = entry;
  const chosen = readOr(saved, path, RUN_FILES.config)?.config;
  const ran = readOr(facts, path, RUN_FILES.run);
  const lines = lastLines(join(path, RUN_FILES.events));
  const newest = lastOf(step, lines, 'step');
  const finished = readOr(result, path, RUN_FILES.result);
  const accuracy = finished?.accuracy.fused ?? lastOf(evaluation, lines, 'evaluation')?.accuracy;
  const state: LifeState = finished ? 'done' : isInUse(path) ? 'running' : 'stopped';
  const progress = finished ? 1 : newest && newest.totalSteps > 0 ? newest.step / newest.totalSteps : 0;
  const begun = ran && ran.resumed.length === 0 ? Date.parse(ran.started) : Number.NaN;
  const secondsLeft = state === 'running' && progress > 0 ? ((now - begun) / 1000) * (1 / progress - 1) : Number.NaN;
  return {
    ...entry,
    state,
    what: chosen?.strategy.name ?? '',
    dataset: chosen?.dataset.name ?? '',
    backbone: chosen?.backbone.name ?? '',
    engine: ran?.engine ?? '',
    progress,
    ...(accuracy !== undefined && { accuracy }),
    changed: Math.max(changeOf(join(path, RUN_FILES.events)), changeOf(join(path, RUN_FILES.result))),
    ...(Number.isFinite(secondsLeft) && { secondsLeft }),
  };
}

function comparisonSummary(entry: Entry): Summary {
  const { path } = entry;
  const changed = Math.max(changeOf(join(path, COMPARISON.records)), changeOf(join(path, COMPARISON.description)));
  const unknown = {
    ...entry,
    state: 'stopped' as const,
    what: '',
    dataset: '',
    backbone: '',
    engine: '',
    progress: 0,
    changed,
  };
  try {
    const { entrants, seeds } = readDescription(path);
    const done = readRecords(path).filter((record) => record.status === 'done');
    const means = entrants.flatMap(({ name }) => {
      const own = done.filter(({ entrant }) => entrant === name).map(({ result: { accuracy } }) => accuracy.fused);
      return own.length > 0 ? [own.reduce((sum, value) => sum + value, 0) / own.length] : [];
    });
    const trials = new Set(done.map(({ name }) => name)).size;
    const planned = entrants.length * seeds.length;
    const shared = config.safeParse(entrants[0]?.config).data;
    return {
      ...unknown,
      state: trials >= planned ? 'done' : isInUse(path) ? 'running' : 'stopped',
      what: entrants.map(({ name }) => name).join(', '),
      dataset: shared?.dataset.name ?? '',
      backbone: shared?.backbone.name ?? '',
      engine: done[0]?.result.engine ?? '',
      progress: planned > 0 ? trials / planned : 0,
      ...(means.length > 0 && { accuracy: Math.max(...means) }),
    };
  } catch {
    return unknown;
  }
}
