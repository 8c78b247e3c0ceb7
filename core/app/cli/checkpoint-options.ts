import { statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from './failure.js';
import { collect, setOption } from './options.js';

/** Options of commands that read another program's checkpoint. */
export interface CheckpointOptions {
  readonly size?: string;
  readonly classes?: string;
  readonly tolerance?: string;
  readonly average?: boolean;
  readonly engine?: string;
  readonly data?: string;
  readonly set?: readonly string[];
  readonly images?: string;
  readonly mean?: string;
  readonly deviation?: string;
  readonly option?: readonly string[];
}

export const withCheckpoint = (command: Command): Command =>
  command
    .option(
      '--size <pixels>',
      "of a checkpoint: height and width of the images it is for, as 224 or 192x256; default: what the network's own code trains on, 224, or 32",
    )
    .option('--classes <file>', 'of a checkpoint: names of its classes, a line each')
    .option('--tolerance <error>', 'of a checkpoint: largest relative error of the folded network', '1e-4')
    .option('--no-average', 'of a checkpoint: the weights as trained where there are averaged ones (EMA) too')
    .option('--engine <name>', 'of a checkpoint: what checks; auto takes the fastest that answers', 'auto')
    .option(
      '--data <folder or config>',
      "of a checkpoint: real images to check on, to measure accuracy on and to fit int8 to: a folder in ImageNet's layout, or a config whose dataset is meant; default: random ones",
    )
    .option('--images <n>', 'of a checkpoint: test images that accuracy is measured on', '1000')
    .option(
      '--mean <numbers>',
      "of a checkpoint: what its images were normalised by, one a channel, of values from 0 to 1; default: as the network's own code",
    )
    .option('--deviation <numbers>', 'of a checkpoint: as --mean')
    .option(
      '--option <key=value>',
      'of a checkpoint: an option of the format, as precision=int8 of onnx; may be given more than once',
      collect,
      [],
    )
    .addOption(setOption('the config of a run, or the one that --data names'));

/** Returns true if a path is a file, that is, a checkpoint; a run is a folder. */
export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** Formats that are a single file, by extension. */
const FILES: Readonly<Record<string, string>> = { '.onnx': 'onnx', '.safetensors': 'safetensors' };

/**
 * Target of a fused checkpoint, in the format of the path's extension; a path without one is a folder for
 * TensorFlow.js.
 */
export function targetOf(out: string) {
  const format = FILES[extname(out).toLowerCase()];
  return { format: format ?? 'tfjs', path: out, single: format !== undefined };
}

/** Removes the extensions of a file name. */
export const stemOf = (path: string): string => basename(path).replace(/(\.\w+)?\.\w+$/, '') || basename(path);

/** Parses `224` or `192x256`. */
export function imageSize(text: string, option = '--size'): readonly [number, number] {
  const [, height, width = height] = /^([1-9]\d{0,4})(?:x([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (height === undefined)
    throw new UsageError(`${option} ${text}: expected pixels, as 224, or height x width, as 192x256`);
  return [Number(height), Number(width)];
}
