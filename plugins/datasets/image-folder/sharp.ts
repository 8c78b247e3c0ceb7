import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** URL of the npm package sharp, beside this package or else beside the config. @throws Error when it is not installed. */
export function findSharp(folder: string): string {
  for (const from of [import.meta.url, join(folder, 'package.json')]) {
    try {
      return pathToFileURL(createRequire(from).resolve('sharp')).href;
    } catch {}
  }
  throw new Error(
    'the dataset image-folder decodes with the npm package sharp, which is not installed; run `npm install sharp`',
  );
}
