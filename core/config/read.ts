import { stat } from 'node:fs/promises';
import { cosmiconfig, type Loaders } from 'cosmiconfig';
import { parse } from 'yaml';
import { importDefault } from './container/module.js';

/** Number of uses of YAML aliases: enough for real files, too few for one that explodes. */
const MOST_ALIASES = 100;

const PLACES = [
  'package.json',
  '.repnasrc',
  '.repnasrc.json',
  '.repnasrc.yaml',
  '.repnasrc.yml',
  'repnas.config.ts',
  'repnas.config.mts',
  'repnas.config.js',
  'repnas.config.mjs',
  'repnas.config.cjs',
  'repnas.config.json',
  'repnas.config.yaml',
  'repnas.config.yml',
];

const yaml = (_: string, content: string): unknown => parse(content, { maxAliasCount: MOST_ALIASES, uniqueKeys: true });

const loaders: Loaders = {
  noExt: yaml,
  '.yaml': yaml,
  '.yml': yaml,
  '.ts': importDefault,
  '.mts': importDefault,
  '.cts': importDefault,
};

const explorer = () => cosmiconfig('repnas', { searchPlaces: PLACES, loaders, searchStrategy: 'project' });

export interface ConfigFile {
  readonly file: string;
  /** Any value; undefined for an empty file. */
  readonly values: unknown;
}

/** Size limit. No handwritten config is larger; parsing takes many times as much memory. */
const LARGEST = 2 ** 20;

/**
 * Reads a config file by its extension. @throws Error of the parser, with line and column, or for a file that is too
 * large.
 */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  const { size } = await stat(file);
  if (size > LARGEST) throw new Error(`the file has ${size} bytes; expected at most ${LARGEST}`);
  return { file, values: (await explorer().load(file))?.config };
}

/** Finds the nearest config file from a folder upwards, within its project. @throws Error of the parser */
export async function findConfigFile(from: string): Promise<ConfigFile | undefined> {
  const found = await explorer().search(from);
  return found ? { file: found.filepath, values: found.config } : undefined;
}
