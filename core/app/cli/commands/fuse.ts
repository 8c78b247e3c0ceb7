import type { Command } from 'commander';
import { type CheckpointOptions, isCheckpoint, stemOf, targetOf, withCheckpoint } from '../checkpoint-options.js';
import { UsageError } from '../failure.js';
import { TRUST_PLUGINS } from '../options.js';

interface FuseOptions extends CheckpointOptions {
  readonly set: readonly string[];
  readonly out?: string;
  readonly trustPlugins?: boolean;
}

export function register(program: Command): void {
  withCheckpoint(program.command('fuse'))
    .description(
      'fold a finished run, or a checkpoint of another program, into a plain network, prove it, and export it',
    )
    .argument('<run or checkpoint>', 'a run folder; or a checkpoint, as import reads')
    .option(
      '-o, --out <path>',
      'where the exports go. Of a run: a folder; default: model, in the run folder. Of a checkpoint: FILE.onnx, FILE.safetensors, or a folder for TensorFlow.js; default: its name and .onnx',
    )
    .option(...TRUST_PLUGINS)
    .action(async (source: string, options: FuseOptions) => {
      const certificate = isCheckpoint(source) ? await fuseCheckpoint(source, options) : await fuseRun(source, options);
      process.stdout.write(`${JSON.stringify(certificate, null, 2)}\n`);
    });
}

async function fuseCheckpoint(path: string, { out = `${stemOf(path)}.onnx`, ...options }: FuseOptions) {
  const { convert } = await import('../convert.js');
  return (await convert(path, [targetOf(out)], options)).certificate;
}

async function fuseRun(run: string, options: FuseOptions) {
  refuseForRun(run, options);
  const { set, out, trustPlugins } = options;
  const { finishAgain } = await import('../finish-again.js');
  return (await finishAgain(run, { set, trustPlugins, out })).certificate;
}

/** What a run knows of itself is not said again: an option that would do nothing is a mistake. */
function refuseForRun(run: string, { option = [], plugin = [], ...options }: FuseOptions): void {
  const { data, size, classes, mean, deviation, epsilon, strides, dilation, activation, expect, key } = options;
  const allow = options.allowLeftOut;
  const given = Object.entries({
    ...{ data, size, classes, mean, deviation, epsilon, strides, dilation, activation, expect, key },
    'allow-left-out': allow,
    option: option[0],
    plugin: plugin[0],
  });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined)
    throw new UsageError(
      `--${name} is for a checkpoint, and ${run} is a run, which has its own; expected --set with it, if anything`,
    );
}
