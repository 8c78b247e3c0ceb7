import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../files/index.js';
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

  /** What is still to be run: failed trials get another chance. */
  missing(trials: readonly Trial[]): Trial[] {
    const done = new Set(this.#records.flatMap(({ status, name }) => (status === 'done' ? [name] : [])));
    return trials.filter(({ name }) => !done.has(name));
  }
}

/** All records of a comparison's folder, oldest first; lines that a process was killed in are left out. */
export function readRecords(folder: string): TrialRecord[] {
  const path = join(folder, COMPARISON.records);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').flatMap(parse) : [];
}

function parse(line: string): TrialRecord[] {
  try {
    const record = JSON.parse(line) as TrialRecord;
    return typeof record.name === 'string' ? [record] : [];
  } catch {
    return [];
  }
}
