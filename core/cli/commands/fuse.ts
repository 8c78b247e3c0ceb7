import { join } from 'node:path';
import type { Command } from 'commander';

interface FuseOptions {
  readonly set: readonly string[];
  readonly out?: string;
}

export function register(program: Command): void {
  program
    .command('fuse')
    .description('fold a finished run into a plain network, prove that it computes the same, and export it')
    .argument('<run>', 'a run folder')
    .option('-o, --out <folder>', 'where the exports go; default: model, in the run folder')
    .option('--set <key=value>', 'lay a value over the config', (value: string, all: string[]) => [...all, value], [])
    .action(async (run: string, { set, out }: FuseOptions) => {
      const { finishAgain } = await import('../finish-again.js');
      const folder = (format: string) => join(out ?? join(run, 'model'), format);
      const { certificate } = await finishAgain(run, set, ({ parts }) => parts.exporters, folder);
      process.stdout.write(`${JSON.stringify(certificate, null, 2)}\n`);
    });
}
