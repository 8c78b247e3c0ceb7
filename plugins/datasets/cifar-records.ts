import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageSet } from '../../core/contracts/index.js';
import { pickLabels, readInto, withFile } from '../../core/train/data/index.js';
import { readBytes } from '../../core/io/files/index.js';

export const CIFAR_SHAPE = [32, 32, 3] as const;

const PLANE = 32 * 32;
const IMAGE = 3 * PLANE;

/** How the official binary version of a CIFAR set is laid out: records of label bytes and three colour planes. */
export interface CifarLayout {
  readonly classes: number;
  /** Label bytes before the planes of each image; the last one is the label. */
  readonly labelBytes: number;
  readonly recordsPerFile: number;
  /** What to do when a file is not as it should be, as the end of a sentence. */
  readonly advice: string;
}

/**
 * Reads the first `limit` images of some files that follow each other; every file must be there and of the right size.
 *
 * @throws Error naming the file and what was found and expected.
 */
export async function readRecords(
  folder: string,
  names: readonly string[],
  layout: CifarLayout,
  limit = Infinity,
): Promise<ImageSet> {
  const { labelBytes, recordsPerFile, advice } = layout;
  const record = labelBytes + IMAGE;
  const expected = recordsPerFile * record;
  const size = Math.min(limit, names.length * recordsPerFile);
  const parts = await Promise.all(
    names.map((name, index) =>
      withFile(join(folder, name), advice, async (file, bytes) => {
        if (bytes !== expected) {
          throw new Error(
            `${join(folder, name)}: found ${bytes} bytes; expected ${expected} (${recordsPerFile} images of ${record} bytes); ${advice}`,
          );
        }
        const wanted = Math.max(0, Math.min(recordsPerFile, size - index * recordsPerFile));
        const part = new Uint8Array(wanted * record);
        await readInto(file, join(folder, name), part);
        return part;
      }),
    ),
  );
  const labels = Int32Array.from({ length: size }, (_, index) => {
    const file = Math.floor(index / recordsPerFile);
    const at = (index % recordsPerFile) * record + labelBytes - 1;
    const label = parts[file]?.[at] as number;
    if (label < layout.classes) return label;
    throw new Error(
      `${join(folder, names[file] as string)}: the label at byte ${at} is ${label}; expected 0 to ${layout.classes - 1}; ${advice}`,
    );
  });
  return {
    size,
    labels,
    read: (indices) => {
      const pixels = new Uint8Array(indices.length * IMAGE);
      for (const [i, index] of indices.entries()) {
        const part = parts[Math.floor(index / recordsPerFile)] as Uint8Array;
        interleave(part, (index % recordsPerFile) * record + labelBytes, pixels, i * IMAGE);
      }
      return { pixels, labels: pickLabels(labels, indices) };
    },
  };
}

/** Far more than the names of a hundred classes take. */
const LONGEST_NAMES = 2 ** 16;

/** Names of the classes, one a line; their numbers where the file is missing. @throws Error when their number is wrong. */
export async function readClassNames(path: string, classes: number): Promise<readonly string[]> {
  if (!existsSync(path)) return Array.from({ length: classes }, (_, label) => String(label));
  const text = Buffer.from(readBytes(realpathSync(path), { maxBytes: LONGEST_NAMES })).toString('utf8');
  const names = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (names.length === classes) return names;
  throw new Error(`${path}: found ${names.length} class names; expected ${classes}, one a line`);
}

/** Three planes become pixels of three bytes. */
function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let pixel = 0, read = from, write = to; pixel < PLANE; pixel++, read++, write += 3) {
    pixels[write] = planes[read] as number;
    pixels[write + 1] = planes[read + PLANE] as number;
    pixels[write + 2] = planes[read + 2 * PLANE] as number;
  }
}
