import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What sharp reads in its prebuilt form. */
const IMAGE = /\.(?:jpe?g|png|webp|avif|gif|tiff?)$/i;

/** The images of one part, class by class: names in one buffer, since a million strings would not be small. */
export interface Listing {
  readonly size: number;
  readonly labels: Int32Array;
  path(index: number): string;
}

/** Names of the folders in a folder, sorted. @throws Error when there is no such folder. */
export async function foldersIn(folder: string, advice: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    const found = error.code === 'ENOENT' ? 'there is no such folder' : error.message;
    throw new Error(`${folder}: ${found}; ${advice}`, { cause: error });
  });
  const folders: string[] = [];
  for (const entry of entries) {
    const linked = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => undefined) : undefined;
    if (entry.isDirectory() || linked?.isDirectory()) folders.push(entry.name);
  }
  return folders.sort();
}

/**
 * Lists the images of every class, sorted by name; other files are left alone.
 *
 * @param most Images of each class that are taken, the first ones.
 * @throws Error when there is a folder that is no class, or a class has no images.
 */
export async function listImages(
  folder: string,
  classes: readonly string[],
  most: number,
  advice: string,
): Promise<Listing> {
  const foreign = (await foldersIn(folder, advice)).find((name) => !classes.includes(name));
  if (foreign !== undefined) {
    throw new Error(`${join(folder, foreign)}: found a class that has no training images; ${advice}`);
  }
  const chunks: Buffer[] = [];
  const ends: number[] = [];
  const labels: number[] = [];
  let end = 0;
  for (const [label, name] of classes.entries()) {
    const files = await readdir(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const images = files.filter((file) => IMAGE.test(file)).sort();
    if (images.length === 0) throw new Error(`${join(folder, name)}: found no images; ${advice}`);
    const taken = images.slice(0, most);
    chunks.push(Buffer.from(taken.join('')));
    for (const image of taken) {
      end += Buffer.byteLength(image);
      ends.push(end);
      labels.push(label);
    }
  }
  return packed(folder, classes, Buffer.concat(chunks), Uint32Array.from(ends), Int32Array.from(labels));
}

const packed = (
  folder: string,
  classes: readonly string[],
  names: Buffer,
  ends: Uint32Array,
  labels: Int32Array,
): Listing => ({
  size: labels.length,
  labels,
  path: (index) => {
    const name = names.toString('utf8', index === 0 ? 0 : ends[index - 1], ends[index]);
    return join(folder, classes[labels[index] as number] as string, name);
  },
});
