import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('stop')
    .description('stop a run or a comparison that works in another process: it writes a checkpoint, for --resume')
    .argument('<folder>', 'its folder')
    .action(async (folder: string) => {
      const { stopWork } = await import('../../../run/folder/stop.js');
      const pid = await stopWork(folder);
      process.stdout.write(`process ${pid} has stopped; go on with --resume\n`);
    });
}
