import type { Command } from 'commander';
import { type RunCommandOptions, settings, withRun } from '../options.js';

export function register(program: Command): void {
  withRun(program.command('run'))
    .description('the main job: search, train, fuse, verify, evaluate, export')
    .action(async (config: string | undefined, options: RunCommandOptions) => {
      const { runAndReport } = await import('../report.js');
      await runAndReport(config, { ...options, set: settings(options) });
    });
}
