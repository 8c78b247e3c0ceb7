import type { Command } from 'commander';
import { collect, setOption, TRUST_PLUGINS } from '../options.js';

interface ExportOptions {
  readonly set: readonly string[];
  readonly format: readonly string[];
  readonly out?: string;
  readonly trustPlugins?: boolean;
}

export function register(program: Command): void {
  program
    .command('export')
    .description('write a finished run in a format that other programs read')
    .argument('<run>', 'a run folder')
    .option('--format <name>', 'tfjs, safetensors, onnx …; may be given more than once', collect, [])
    .option('-o, --out <folder>', 'where the files go; default: model, in the run folder')
    .addOption(setOption())
    .option(...TRUST_PLUGINS)
    .action(async (run: string, { set, format, out, trustPlugins }: ExportOptions) => {
      const { finishAgain } = await import('../finish-again.js');
      const formats = format.length > 0 ? format : undefined;
      const { exports } = await finishAgain(run, { set, trustPlugins, formats, out });
      process.stdout.write(`${JSON.stringify(exports, null, 2)}\n`);
    });
}
