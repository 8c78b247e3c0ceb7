import type { Command } from 'commander';
import { type RunCommandOptions, settings, withRun } from '../options.js';

export function register(program: Command): void {
  withRun(program.command('search'))
    .description('search only: writes architecture.json, which train --arch takes')
    .action(async (config: string | undefined, options: RunCommandOptions) => {
      const { watch } = await import('../interrupt.js');
      const { createSearch } = await import('../../../run/run.js');
      const result = await watch((signal) => createSearch(config, { ...options, set: settings(options), signal }));
      if (!result) return;
      process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : `${result.file}\n`);
    });
}
