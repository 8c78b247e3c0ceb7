import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';

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
