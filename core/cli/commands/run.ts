import type { Command } from 'commander';
import { type RunCommandOptions, withRun } from '../options.js';

export function register(program: Command): void {
  withRun(program.command('run'))
    .description('the main job: search, train, fuse, verify, evaluate, export')
    .action(async (config: string | undefined, options: RunCommandOptions) => {
      const [{ start }, { summary }] = await Promise.all([import('../start.js'), import('../summary.js')]);
      const result = await start(config, options);
      if (result) process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : summary(result));
    });
}
