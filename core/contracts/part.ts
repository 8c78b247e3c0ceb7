import type { ZodType } from 'zod';

/** What every part says about itself, whatever its kind. */
export interface Part<Options> {
  /** Name in a config: lower case, words joined by hyphens. */
  readonly name: string;
  /** One line for `repnas plugins`. */
  readonly summary: string;
  /** Strict schema, with defaults, of the options that may stand beside `name` in a config. */
  readonly options: ZodType<Options>;
}

/** A part with its validated options, as the config resolved it. */
export interface Chosen<Definition, Options = unknown> {
  readonly definition: Definition;
  readonly options: Options;
}
