import type { ConfigFile } from '../../config/define.js';

/** Values by the path of a key: `{ 'budget.branches': [25, 50] }`. */
export type Matrix = Readonly<Record<string, readonly (string | number | boolean)[]>>;

/** A comparison as a file or a preset holds it. */
export interface ComparisonFile {
  readonly $schema?: string;
  /** A comparison that this one stands on: its shared settings and entrants come first. */
  readonly extends?: string;
  readonly shared?: string | ConfigFile;
  /** Settings in which entrants differ, by name; one with a `matrix` (keys of the config, each with values) stands for every combination of them. */
  readonly entrants?: Readonly<Record<string, string | (ConfigFile & { readonly matrix?: Matrix })>>;
  /** @default 3 */
  readonly seeds?: number | readonly number[];
  /** @default ['plain', 'random'] */
  readonly against?: readonly string[];
  /** Entrants that train once more, for as many epochs as fit in the time that `to` took. @default none */
  readonly equalTime?: { readonly to: string; readonly entrants: readonly string[] };
}

/** Returns what it was given: it exists so that an editor knows what is being written. */
export const defineComparison = (comparison: ComparisonFile): ComparisonFile => comparison;
