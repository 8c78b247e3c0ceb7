import type { Plugin } from '../contracts/plugin.js';
import type { KnownPlugins } from './known-plugins.js';
import type { CHOICE_LISTS, CHOICES, DEFAULT_PARTS, RunConfig } from './schema.js';

/**
 * A config as a file or a preset holds it. Every key is optional there, since what it extends may bring the others, and every
 * key takes `null`, which goes back to its default.
 *
 * Parts and their options are those of the built-in plugins and of `Plugins`, the plugins that the config lists as objects. Where
 * it also lists plugins by name, or stands on presets that may do so (`Parents`), a part may be any.
 */
export type ConfigFile<Plugins = string, Parents = string> = {
  readonly [Key in Exclude<keyof RunConfig, keyof PartKeys>]?: Written<RunConfig[Key]> | null;
} & {
  readonly [Key in keyof SinglePart]?:
    | PartsOf<Plugins, Parents, SinglePart[Key], Key extends keyof Defaults ? Defaults[Key] : never>
    | BesideParts<Key>
    | null;
} & {
  readonly [Key in keyof SeveralParts]?: readonly PartsOf<Plugins, Parents, SeveralParts[Key]>[] | null;
} & {
  /** Path or URL of the schema that `repnas schema` writes. */
  readonly $schema?: string;
  /** Presets, paths or objects that this config stands on, left to right. */
  readonly extends?: Parents | Several<string | ConfigFile>;
  /** Plugin packages, paths or objects. Those of the presets it extends are there too. */
  readonly plugins?: Plugins | Several<string | Plugin>;
};

/** Returns what it was given: it exists so that an editor knows what is being written, the options of parts included. */
export const defineConfig = <
  const Plugins extends Several<string | Plugin> = readonly [],
  const Parents extends Several<string | ConfigFile> = readonly [],
>(
  config: ConfigFile<Plugins, Parents>,
): ConfigFile<Plugins, Parents> => config;

type SinglePart = typeof CHOICES;
type SeveralParts = typeof CHOICE_LISTS;
type PartKeys = SinglePart & SeveralParts;
type Defaults = typeof DEFAULT_PARTS;

/** One, or a list of them. */
export type Several<T> = T | readonly T[];

type Item<T> = T extends readonly (infer One)[] ? One : T;

/** What the key may hold beside parts. */
type BesideParts<Key> = Key extends 'baseline' ? false : Key extends 'engine' ? 'auto' : never;

/** All parts of a kind that are known, and any where others may come in. */
type PartsOf<Plugins, Parents, Kind, Default = never> =
  | Choices<Known<Plugins>, Kind, Default, PartsOfKind<Plugins, Parents, 'branch-op'>>
  | AnyPart<Plugins, Parents>;

type PartsOfKind<Plugins, Parents, Kind> = Choices<Known<Plugins>, Kind> | AnyPart<Plugins, Parents>;

type Known<Plugins> = KnownPlugins[keyof KnownPlugins] | Extract<Item<Plugins>, Plugin>;

/** A plugin that is listed by name may bring any part, and so may one that a preset lists; the built-in presets list none. */
type AnyPart<Plugins, Parents> = [Extract<Item<Plugins>, string>] extends [never]
  ? Item<Parents> extends `repnas:${string}`
    ? never
    : Unknown
  : Unknown;

type Unknown = (string & {}) | { readonly name?: (string & {}) | null; readonly [option: string]: unknown };

type Choices<Plugins, Kind, Default = never, Branches = never> =
  Plugins extends Plugin<infer Parts>
    ? Kind extends keyof Parts
      ? { [Name in keyof Parts[Kind]]: Choice<Name, Parts[Kind][Name], Default, Branches> }[keyof Parts[Kind]]
      : never
    : never;

/** A part as its name, or as an object of its name, which the default part may leave out, and its options. */
type Choice<Name, Input, Default, Branches> =
  | Name
  | ((Name extends Default ? { readonly name?: Name | null } : { readonly name: Name }) & Options<Input, Branches>);

/** The options of a schema; where they list branches, these are branch ops with options of their own. */
type Options<Input, Branches> = string extends keyof Input
  ? unknown
  : {
      readonly [Key in keyof Input]?: Key extends 'branches' ? readonly Branches[] | null : Written<Input[Key]> | null;
    };

/** What an object of options may hold in a config: any of its keys, or null to go back to the default. */
type Written<T> = T extends readonly unknown[]
  ? Readonly<T>
  : T extends object
    ? { readonly [Key in keyof T]?: Written<T[Key]> | null }
    : T;
