import { parse } from 'yaml';
import type { Conversion, Target } from '../convert/conversion.js';
import { convertCheckpoint } from '../convert/convert.js';
import { checkInWords, proofInWords } from '../../io/export/words.js';
import { readBytes } from '../../io/files/index.js';
import type { Activation } from '../../contracts/network.js';
import { byStage, type CheckpointOptions, imageSize } from './checkpoint-options.js';
import { UsageError } from './failure.js';
import { printable } from './printable.js';

/** Folds a checkpoint, writes it, and reports what was found. */
export async function convert(
  path: string,
  targets: readonly Target[],
  options: CheckpointOptions,
): Promise<Conversion> {
  const {
    size,
    classes,
    tolerance = '1e-4',
    average = true,
    engine = 'auto',
    data,
    set = [],
    images = '1000',
    epsilon,
    strides,
    dilation,
    activation,
    allowLeftOut = false,
    expect,
    key,
    plugin = [],
  } = options;
  const say = (message: string): void => void process.stderr.write(`${printable(message)}\n`);
  const normalisation = normalisationOf(options);
  const formatOptions = optionsOf(options.option ?? []);
  const conversion = await convertCheckpoint(path, {
    targets: targets.map((target) => ({ ...target, options: formatOptions })),
    ...(size !== undefined && { input: imageSize(size) }),
    ...(classes !== undefined && { classes: classNames(classes) }),
    ...(data !== undefined && { data }),
    ...(normalisation && { normalisation }),
    ...(epsilon !== undefined && { epsilon: positive('--epsilon', epsilon) }),
    ...(strides !== undefined && { strides: byStage('--strides', strides) }),
    ...(dilation !== undefined && { dilation: byStage('--dilation', dilation) }),
    ...(activation !== undefined && { activation: activation as Activation }),
    ...(expect !== undefined && { expect }),
    ...(key !== undefined && { key }),
    allowLeftOut,
    plugins: plugin,
    set,
    testImages: count('--images', images),
    tolerance: positive('--tolerance', tolerance),
    average,
    engine,
    progress: say,
    warn: (message) => say(`warning: ${message}`),
  });
  const { accuracy } = conversion;
  if (accuracy) say(`accuracy ${(100 * accuracy.fused).toFixed(2)} % on ${accuracy.images} test images`);
  for (const note of conversion.notes) say(note);
  for (const line of proofInWords(conversion.certificate)) say(line);
  for (const { format, path: to, bytes, checked } of conversion.exports)
    say(`${format}: ${(bytes / 2 ** 20).toFixed(1)} MiB in ${to}; ${checkInWords(checked)}`);
  return conversion;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new UsageError(`${option} ${text}: expected a number above 0, as 1e-4`);
  return value;
}

function count(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`${option} ${text}: expected a whole number above 0`);
  return Number(text);
}

function normalisationOf({ mean, deviation }: CheckpointOptions) {
  if (mean === undefined && deviation === undefined) return undefined;
  if (mean === undefined || deviation === undefined)
    throw new UsageError(
      '--mean and --deviation are given together, as --mean 0.485,0.456,0.406 --deviation 0.229,0.224,0.225',
    );
  return { mean: numbers('--mean', mean), deviation: numbers('--deviation', deviation) };
}

function numbers(option: string, text: string): number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!values.every(Number.isFinite))
    throw new UsageError(`${option} ${text}: expected a number for each channel, as 0.485,0.456,0.406`);
  return values;
}

/** Parses `key=value`; the value is parsed as that of --set. */
function optionsOf(given: readonly string[]): Readonly<Record<string, unknown>> {
  const entries = given.map((text): readonly [string, unknown] => {
    const [, key, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined)
      throw new UsageError(`--option ${text}: expected key=value, as precision=int8`);
    return [key, parse(value, { maxAliasCount: 0 })];
  });
  return Object.fromEntries(entries);
}

const classNames = (path: string): string[] =>
  Buffer.from(readBytes(path, { maxBytes: 2 ** 24 }))
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '');
