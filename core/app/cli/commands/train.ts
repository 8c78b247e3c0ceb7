import type { Command } from 'commander';
import { type RunCommandOptions, settings, withRun } from '../options.js';

interface TrainOptions extends RunCommandOptions {
  readonly arch: string;
}

export function register(program: Command): void {
  withRun(program.command('train'))
    .description('train a given architecture, then fuse, verify, evaluate and export it')
    .requiredOption('--arch <file>', 'an architecture.json, as search and run write it')
    .action(async (config: string | undefined, { arch, ...options }: TrainOptions) => {
      const [{ runAndReport }, { readArchitecture, architectureFor }, { loadConfig }, { searchableBlocks }] =
        await Promise.all([
          import('../report.js'),
          import('../../../io/formats/architecture.js'),
          import('../../../config/load.js'),
          import('../../../run/candidate.js'),
        ]);
      const file = readArchitecture(arch);
      const loaded = await loadConfig(config, { set: settings(options) });
      const blocks = architectureFor(await searchableBlocks(loaded), file, arch);
      const set = [...settings(options), `strategy=${JSON.stringify({ name: 'given', blocks })}`];
      await runAndReport(config, { ...options, set });
    });
}
