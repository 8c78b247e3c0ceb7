import { dirname, extname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readFileSync } from 'node:fs';

/** Modules that a config names: importing them, and naming the package that they belong to. */

const TYPESCRIPT = ['.ts', '.mts', '.cts'];

/** Imports the default export of a module, in JavaScript or TypeScript (which Node 20 cannot read by itself). */
export async function importDefault(file: string): Promise<unknown> {
  if (TYPESCRIPT.includes(extname(file))) return importTypescript(file);
  const { default: exported } = (await import(pathToFileURL(file).href)) as { default?: unknown };
  return exported;
}

async function importTypescript(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  return createJiti(pathToFileURL(file).href, { interopDefault: true, fsCache: false }).import(file, { default: true });
}

/** Returns `name@version` of the installed package that a file belongs to; undefined for a file of the project. */
export function packageOf(file: string): string | undefined {
  const marker = `${sep}node_modules${sep}`;
  for (let folder = dirname(file); folder.includes(marker); folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      if (typeof name === 'string') return typeof version === 'string' ? `${name}@${version}` : name;
    } catch {
      // No package.json here; the package root is further up.
    }
  }
  return undefined;
}
