import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveModule } from 'import-meta-resolve';

const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]*(?:\/[a-z0-9~-][a-z0-9._~-]*)?|[a-z0-9~-][a-z0-9._~-]*)$/;

const isPath = (name: string): boolean =>
  name.startsWith('./') || name.startsWith('../') || name === '.' || isAbsolute(name);

/**
 * The file of a preset or plugin. `repnas:x` is built in, `./x` a path, `x` the package `repnas-KIND-x`, `@s/x` the package
 * `@s/repnas-KIND-x`, `@s` the package `@s/repnas-KIND`. Looked for from the file that lists the name, then from `cwd`.
 * @throws Error saying what was looked for, and where.
 */
export function resolveName(name: string, kind: 'preset' | 'plugin', folders: readonly string[]): string {
  if (isPath(name)) {
    const tried = [...new Set(folders.map((folder) => resolve(folder, name)))];
    const file = tried.find((path) => existsSync(path));
    if (!file) throw new Error(`no file ${tried.join(', nor ')}`);
    return file;
  }
  if (name.startsWith('repnas:')) return builtIn(name, kind);
  if (!PACKAGE.test(name)) throw new Error('neither a package name nor a path that starts with ./');
  const packages = [...new Set([prefixed(name, kind), name])];
  for (const folder of new Set(folders)) {
    for (const candidate of packages) {
      try {
        const url = resolveModule(candidate, pathToFileURL(resolve(folder, 'config.js')).href);
        if (existsSync(fileURLToPath(url))) return fileURLToPath(url);
      } catch {
        // Not there; the next place may have it.
      }
    }
  }
  throw new Error(`no package ${packages.join(' or ')} in ${[...new Set(folders)].join(' or ')}; install it with npm`);
}

function builtIn(name: string, kind: 'preset' | 'plugin'): string {
  const own = name.slice('repnas:'.length);
  if (kind !== 'preset') throw new Error('built-in plugins are always there; only packages and paths are listed');
  const file = fileURLToPath(new URL(`../../presets/${own}.js`, import.meta.url));
  if (!/^[a-z0-9-]+$/.test(own) || !existsSync(file)) throw new Error('no built-in preset of this name');
  return file;
}

function prefixed(name: string, kind: string): string {
  const prefix = `repnas-${kind}`;
  if (!name.startsWith('@')) return name.startsWith(prefix) ? name : `${prefix}-${name}`;
  const [scope, own] = name.split('/');
  if (own === undefined) return `${scope}/${prefix}`;
  return own.startsWith(prefix) ? name : `${scope}/${prefix}-${own}`;
}
