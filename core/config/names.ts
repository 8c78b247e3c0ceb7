import { existsSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveModule } from 'import-meta-resolve';
import { messageOf } from './container/describe.js';

export type Listed = 'preset' | 'plugin';

const BUILT_IN = 'repnas:';

const PRESETS = fileURLToPath(new URL('../../presets/', import.meta.url));

const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]*(?:\/[a-z0-9~-][a-z0-9._~-]*)?|[a-z0-9~-][a-z0-9._~-]*)$/;

/** Endings that a path may omit. */
const EXTENSIONS = ['', '.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.yaml', '.yml'];

export const isBuiltIn = (name: string): boolean => name.startsWith(BUILT_IN);

export const isPath = (name: string): boolean => /^\.{1,2}(?:[/\\]|$)/.test(name) || isAbsolute(name);

/** Lists the names of the built-in presets. */
export const builtInPresets = (): string[] =>
  readdirSync(PRESETS).flatMap((file) => (file.endsWith('.js') ? [`${BUILT_IN}${file.slice(0, -3)}`] : []));

/**
 * The file of a preset or plugin. `repnas:x` is built in, `./x` a path, `x` the package `repnas-KIND-x`, `@s/x` the package
 * `@s/repnas-KIND-x`, `@s` the package `@s/repnas-KIND`; a package's full name does too. Looked for from each folder in turn.
 * @throws Error saying what was looked for, and where.
 */
export function resolveName(name: string, kind: Listed, folders: readonly string[]): string {
  const places = [...new Set(folders)];
  if (isPath(name)) return resolvePath(name, places);
  if (isBuiltIn(name)) return resolveBuiltIn(name, kind);
  if (!PACKAGE.test(name)) throw new Error('It is neither a package name nor a path that starts with ./');
  return resolvePackage(name, kind, places);
}

function resolvePath(name: string, folders: readonly string[]): string {
  const tried = folders.map((folder) => resolve(folder, name));
  const files = tried.flatMap((path) => EXTENSIONS.map((extension) => path + extension));
  const file = files.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (file) return file;
  const folder = tried.find((path) => existsSync(path));
  throw new Error(folder ? `${folder} is a folder; name the file in it.` : `There is no file ${tried.join(', nor ')}.`);
}

function resolveBuiltIn(name: string, kind: Listed): string {
  if (kind === 'plugin') throw new Error('Built-in plugins are always there; list packages and paths only.');
  if (!builtInPresets().includes(name)) throw new Error('There is no built-in preset of this name.');
  return resolve(PRESETS, `${name.slice(BUILT_IN.length)}.js`);
}

function resolvePackage(name: string, kind: Listed, folders: readonly string[]): string {
  const packages = [...new Set([prefixed(name, kind), name])];
  for (const folder of folders) {
    for (const candidate of packages) {
      const file = entryOf(candidate, folder);
      if (file !== undefined) return file;
    }
  }
  throw new Error(`There is no package ${packages.join(' or ')} in ${folders.join(' or ')}; install it with npm.`);
}

/**
 * Returns the entry file of a package; undefined if it is not installed. @throws Error if it is installed and broken.
 */
function entryOf(name: string, folder: string): string | undefined {
  let file: string;
  try {
    file = fileURLToPath(resolveModule(name, pathToFileURL(resolve(folder, 'config.js')).href));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw new Error(`The package ${name} cannot be entered: ${messageOf(error)}`);
  }
  if (!existsSync(file)) throw new Error(`The package ${name} lacks its entry ${file}; was it built?`);
  return file;
}

function prefixed(name: string, kind: Listed): string {
  const prefix = `repnas-${kind}`;
  const complete = (own: string): boolean => own === prefix || own.startsWith(`${prefix}-`);
  if (!name.startsWith('@')) return complete(name) ? name : `${prefix}-${name}`;
  const [scope, own] = name.split('/');
  if (own === undefined) return `${scope}/${prefix}`;
  return complete(own) ? name : `${scope}/${prefix}-${own}`;
}
