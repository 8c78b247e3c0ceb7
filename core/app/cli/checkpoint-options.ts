import { statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { type Command, Option } from 'commander';
import type { Activation } from '../../contracts/network.js';
import type { ByStage } from '../../io/import/options.js';
import { checkpointIn } from '../../io/import/shards.js';
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
  readonly epsilon?: string;
  readonly strides?: string;
  readonly dilation?: string;
  readonly activation?: string;
  readonly allowLeftOut?: boolean;
  readonly expect?: string;
  readonly key?: string;
  readonly plugin?: readonly string[];
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
    .option(
      '--expect <file>',
      "of a checkpoint: a safetensors file of images x and of your own network's answers y, which the folded network is held to",
    )
    .option(
      '--epsilon <number>',
      "of a checkpoint: its batch-norms'; default: what it says, else as its family's own code",
    )
    .option(
      '--strides <numbers>',
      'of a checkpoint: one a stage, as 1,2,2,2,2, or of blocks by name, as stage0=1,stage1.0=2; default: as --epsilon',
    )
    .option('--dilation <numbers>', 'of a checkpoint: as --strides')
    .addOption(
      new Option('--activation <name>', 'of a checkpoint: behind every block; default: as --epsilon').choices(
        ACTIVATIONS,
      ),
    )
    .option('--allow-left-out', 'of a checkpoint: leave out tensors and modules that are not understood, and say so')
    .option('--key <path>', 'of a checkpoint: where in it the weights are, as model.ema; default: found')
    .option(
      '--plugin <file or package>',
      'of a checkpoint: a plugin that knows more families of blocks; may be given more than once',
      collect,
      [],
    )
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

const ACTIVATIONS: readonly Activation[] = ['none', 'relu', 'relu6', 'silu', 'hard-swish', 'gelu'];

/** `1,2,2`, one a stage, or `stage0=1,stage1.0=2`. */
export function byStage(option: string, text: string): ByStage {
  const parts = text.split(',').map((part) => part.trim());
  const refuse = (): never => {
    throw new UsageError(
      `${option} ${text}: expected a number a stage, as 1,2,2,2,2, or of blocks by name, as stage0=1`,
    );
  };
  const number = (value: string | undefined): number =>
    value !== undefined && /^[1-9]\d?$/.test(value) ? Number(value) : refuse();
  if (!text.includes('=')) return parts.map(number);
  const named = parts.map((part) => /^(.+)=(\d+)$/.exec(part) ?? refuse());
  return Object.fromEntries(named.map(([, name, value]) => [name as string, number(value)]));
}

/** Tests for a checkpoint: a file, or a folder that holds one and no run. */
export const isCheckpoint = (path: string): boolean =>
  (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false) || checkpointIn(path) !== undefined;

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
