import type { Conversion, Target } from '../convert/conversion.js';
import { convertCheckpoint } from '../convert/convert.js';
import { checkInWords } from '../export/words.js';
import { readBytes } from '../files/index.js';
import type { CheckpointOptions } from './checkpoint-options.js';
import { UsageError } from './failure.js';

/** Folds a checkpoint, writes it, and tells people of what was found. */
export async function convert(
  path: string,
  targets: readonly Target[],
  { size, classes, tolerance = '1e-4', average = true, engine = 'auto' }: CheckpointOptions,
): Promise<Conversion> {
  const say = (message: string): void => void process.stderr.write(`${message}\n`);
  const conversion = await convertCheckpoint(path, {
    targets,
    ...(size !== undefined && { input: imageSize(size) }),
    ...(classes !== undefined && { classes: classNames(classes) }),
    tolerance: positive(tolerance),
    average,
    engine,
    progress: say,
  });
  for (const note of conversion.notes) say(note);
  for (const { format, path: to, bytes, checked } of conversion.exports)
    say(`${format}: ${(bytes / 2 ** 20).toFixed(1)} MiB in ${to}; ${checkInWords(checked)}`);
  return conversion;
}

function imageSize(text: string): readonly [number, number] {
  const [, height, width = height] = /^([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (height === undefined)
    throw new UsageError(`--size ${text}: expected pixels, as 224, or height x width, as 192x256`);
  return [Number(height), Number(width)];
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--tolerance ${text}: expected a number above 0, as 1e-4`);
  return value;
}

const classNames = (path: string): string[] =>
  Buffer.from(readBytes(path, { maxBytes: 2 ** 24 }))
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '');
