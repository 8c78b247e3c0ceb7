import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { BudgetUnit } from '../../contracts/events.js';
import type { BlockSpace, Gate } from '../../contracts/search-space.js';
import { FileError, readJson, writeFileAtomic } from '../../io/files/index.js';
import { ConfigChangedError, differences } from '../../run/folder/changes.js';
import { COMPARISON } from './layout.js';

const VERSION = 1;

const entrantSchema = z.strictObject({
  name: z.string(),
  strategy: z.string(),
  /** Whether its strategy decides by the ranks of its gates. */
  ranked: z.boolean(),
  /** Limit on the cost of its architecture: gates, or multiples of the plain network. */
  budget: z.number(),
  budgetUnit: z.enum(['trainingMacs', 'trainingMemory', 'trainingTime']).optional(),
  /** Set for an entrant that trains in the time of another one. */
  inTimeOf: z.strictObject({ base: z.string(), to: z.string() }).optional(),
  gates: z.array(z.strictObject({ block: z.string(), branch: z.string() })),
  spaces: z.array(z.strictObject({ block: z.string(), branches: z.array(z.string()), always: z.array(z.string()) })),
  /** The resolved config, but for what differs between its trials. */
  config: z.record(z.string(), z.unknown()),
});

const schema = z.strictObject({
  format: z.literal('repnas-comparison'),
  version: z.literal(VERSION),
  name: z.string(),
  seeds: z.array(z.int()),
  against: z.array(z.string()),
  entrants: z.array(entrantSchema),
});

/** An entrant that trains again, in the time of another one. */
export interface InTimeOf {
  /** The entrant that trains again. */
  readonly base: string;
  /** The entrant whose time it gets. */
  readonly to: string;
}

/** One entrant as the comparison's folder describes it. */
export interface EntrantDescription {
  readonly name: string;
  readonly strategy: string;
  readonly ranked: boolean;
  /** Limit on what it keeps, in `budgetUnit`. */
  readonly budget: number;
  /** Default: gates. */
  readonly budgetUnit?: Exclude<BudgetUnit, 'gates'> | undefined;
  /** The entrant that it is, and the one whose training time it has; absent if it has the epochs of its config. */
  readonly inTimeOf?: InTimeOf | undefined;
  readonly gates: readonly Gate[];
  readonly spaces: readonly BlockSpace[];
  readonly config: Readonly<Record<string, unknown>>;
}

/** What is compared: all that a report needs beside what the trials left. */
export interface ComparisonDescription {
  readonly name: string;
  readonly seeds: readonly number[];
  readonly against: readonly string[];
  readonly entrants: readonly EntrantDescription[];
}

export const writeDescription = (folder: string, description: ComparisonDescription): void =>
  writeFileAtomic(
    join(folder, COMPARISON.description),
    `${JSON.stringify({ format: 'repnas-comparison', version: VERSION, ...description }, null, 2)}\n`,
  );

/** Whether a comparison was run in the folder. A file of the same name that somebody else wrote, one that lists entrants say, is none. */
export function hasDescription(folder: string): boolean {
  if (!existsSync(join(folder, COMPARISON.description))) return false;
  try {
    readDescription(folder);
    return true;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

/** @throws FileError when it is not there, or not of this version. */
export function readDescription(folder: string): ComparisonDescription {
  const path = join(folder, COMPARISON.description);
  const parsed = schema.safeParse(readJson(path));
  if (!parsed.success)
    throw new FileError(path, `describes no comparison of version ${VERSION}: ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

/** What may change between the trials of an entrant: who watches, where it goes. */
const FREE = ['observers', 'out', 'checkpoint', 'export'];

/** Trials that were trained in different ways do not belong in one table. @throws ConfigChangedError naming every value of an entrant that changed. */
export function refuseChanges(folder: string, before: ComparisonDescription, now: ComparisonDescription): void {
  const changes = now.entrants.flatMap(({ name, config }) => {
    const old = before.entrants.find((entrant) => entrant.name === name);
    return old
      ? differences(old.config, config)
          .filter(({ path }) => !FREE.includes(path.split('.')[0] ?? ''))
          .map((change) => ({ ...change, path: `entrants.${name}: ${change.path}` }))
      : [];
  });
  if (changes.length > 0) throw new ConfigChangedError(folder, changes);
}
