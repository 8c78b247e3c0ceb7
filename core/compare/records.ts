import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../files/index.js';
import type { Trial } from './load.js';
import type { TrialRecord } from './trial.js';

const FILE = 'trials.jsonl';

/** The file with one line for each trial that is over. */
export class TrialRecords {
  readonly #path: string;
  readonly #records: TrialRecord[];

  /** Reads what an interrupted comparison left; a last line that was cut off is dropped. */
  constructor(folder: string, resume: boolean) {
    this.#path = join(folder, FILE);
    this.#records = resume && existsSync(this.#path) ? readFileSync(this.#path, 'utf8').split('\n').flatMap(parse) : [];
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

  /** The newest record of every trial, in the order of the trials. */
  of(trials: readonly Trial[]): TrialRecord[] {
    const newest = new Map(this.#records.map((record) => [record.name, record] as const));
    return trials.flatMap(({ name }) => newest.get(name) ?? []);
  }
}

function parse(line: string): TrialRecord[] {
  try {
    const record = JSON.parse(line) as TrialRecord;
    return typeof record.name === 'string' ? [record] : [];
  } catch {
    return [];
  }
}
