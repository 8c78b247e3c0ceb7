import { stat } from 'node:fs/promises';
import { cosmiconfig, type Loaders } from 'cosmiconfig';
import { parse } from 'yaml';
import { importDefault } from './container/module.js';

/** A YAML alias may be used this often: enough for real files, too little for one that explodes. */
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
  /** Anything at all; nothing where the file is empty. */
  readonly values: unknown;
}

/** No config that a person writes is larger; parsing takes many times as much memory. */
const LARGEST = 2 ** 20;

/** Reads one config file, by its extension. @throws Error of the parser, which names line and column; one for a file that is too large. */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  const { size } = await stat(file);
  if (size > LARGEST) throw new Error(`the file has ${size} bytes; expected at most ${LARGEST}`);
  return { file, values: (await explorer().load(file))?.config };
}

/** The nearest config file from a folder upwards, within its project. @throws Error of the parser */
export async function findConfigFile(from: string): Promise<ConfigFile | undefined> {
  const found = await explorer().search(from);
  return found ? { file: found.filepath, values: found.config } : undefined;
}
