import type { ZodType } from 'zod';

/** What every pluggable part says about itself, whatever its kind. */
export interface Part<Options> {
  /** The name a config uses. Lower case, words joined by hyphens. */
  readonly name: string;
  /** One line for `repnas plugins`. */
  readonly summary: string;
  /** Strict schema of the options that may stand beside `name` in a config; it also holds the defaults. */
  readonly options: ZodType<Options>;
}

/** A part with its validated options, as the config resolved it. */
export interface Chosen<Definition, Options = unknown> {
  readonly definition: Definition;
  readonly options: Options;
}
