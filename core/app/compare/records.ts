/**
 * The records of trials, one JSON line each: their schema, reading and appending.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson, readBytes, writeFileAtomic } from '../../io/files/index.js';
import { COMPARISON } from './layout.js';
import type { Trial } from './load.js';
import type { TrialRecord } from './trial.js';

/** The file with one line for each trial that is over. */
export class TrialRecords {
  readonly #path: string;
  readonly #records: TrialRecord[];

  /** Reads what an interrupted comparison left; a last line that was cut off is dropped. */
  constructor(folder: string) {
    this.#path = join(folder, COMPARISON.records);
    this.#records = readRecords(folder);
    writeFileAtomic(this.#path, this.#records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }

  add(record: TrialRecord): void {
    this.#records.push(record);
    appendFileSync(this.#path, `${JSON.stringify(record)}\n`);
  }

  /** Those of all trials that are over, the failed ones among them. */
  get all(): readonly TrialRecord[] {
    return this.#records;
  }

  /** What is still to be run: failed trials get another chance. */
  missing<Named extends Pick<Trial, 'name'>>(trials: readonly Named[]): Named[] {
    const done = new Set(this.#records.flatMap(({ status, name }) => (status === 'done' ? [name] : [])));
    return trials.filter(({ name }) => !done.has(name));
  }
}

/** Some kilobytes a trial: more than this was not written by a comparison. */
const MAX_BYTES = 2 ** 28;

/**
 * All records of a comparison's folder, oldest first; lines that a process was killed in, and others that are no whole record,
 * are left out: their trials count as not run.
 *
 * @throws FileError when they cannot be read, or are larger than any comparison's.
 */
export function readRecords(folder: string): TrialRecord[] {
  const path = join(folder, COMPARISON.records);
  if (!existsSync(path)) return [];
  const text = new TextDecoder().decode(readBytes(path, { maxBytes: MAX_BYTES }));
  return text.split('\n').flatMap((line) => parse(path, line));
}

function parse(path: string, line: string): TrialRecord[] {
  try {
    const record = parseJson(Buffer.from(line), path);
    return recordSchema.safeParse(record).success ? [record as TrialRecord] : [];
  } catch {
    return [];
  }
}

const timing = z.looseObject({ median: z.number(), p99: z.number(), samples: z.int() });
const cost = z.looseObject({ parameters: z.number(), macs: z.number() });

const named = {
  entrant: z.string(),
  seed: z.int(),
  name: z.string(),
  attempts: z.int(),
  jobs: z.int(),
};

/** Checks the fields of a trial's record that other code reads, and keeps the rest as it was written. */
export const recordSchema = z.discriminatedUnion('status', [
  z.looseObject({ ...named, status: z.literal('failed'), reason: z.string() }),
  z.looseObject({
    ...named,
    status: z.literal('done'),
    result: z.looseObject({
      engine: z.string(),
      device: z.string(),
      versions: z.record(z.string(), z.string()),
      testImages: z.int(),
      accuracy: z.looseObject({ multiBranch: z.number(), fused: z.number() }),
      architecture: z.record(z.string(), z.array(z.string())),
      cost: z.looseObject({ training: cost, fused: cost }),
    }),
    measured: z.looseObject({
      trainingSeconds: z.number(),
      searchSeconds: z.number(),
      searchSteps: z.int(),
      peakMiB: z.number(),
      latency: z.looseObject({ batch: z.int(), unfused: timing, fused: timing }),
    }),
  }),
]);
