import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

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
