import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cosmiconfig, type Loaders } from 'cosmiconfig';
import { parse as parseYaml } from 'yaml';

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

const yaml = (_: string, content: string): unknown =>
  parseYaml(content, { maxAliasCount: MOST_ALIASES, uniqueKeys: true });

/** TypeScript on Node 20, which cannot strip types by itself. Imported when a config asks for it. */
const typescript = async (file: string): Promise<unknown> => {
  const { createJiti } = await import('jiti');
  return createJiti(pathToFileURL(file).href, { interopDefault: true, fsCache: false }).import(file, { default: true });
};

const loaders: Loaders = { noExt: yaml, '.yaml': yaml, '.yml': yaml, '.ts': typescript, '.mts': typescript };

const explorer = (stopDir?: string) =>
  cosmiconfig('repnas', { searchPlaces: PLACES, loaders, searchStrategy: 'project', ...(stopDir && { stopDir }) });

/** Reads one config file, by its extension. @throws Error of the parser, which names line and column. */
export async function readConfigFile(file: string): Promise<unknown> {
  if (extname(file) === '' && !readFileSync(file).length) return {};
  return (await explorer().load(file))?.config;
}

/** The nearest config file from a folder upwards, within its project. */
export async function findConfigFile(from: string): Promise<string | undefined> {
  return (await explorer().search(from))?.filepath;
}
