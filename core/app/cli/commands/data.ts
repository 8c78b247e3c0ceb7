import type { Command } from 'commander';

interface GetCommandOptions {
  readonly path: string;
  readonly url?: string;
  readonly force?: boolean;
}

export function register(program: Command): void {
  const data = program.command('data').description('data sets that are not part of the package');
  data
    .command('get')
    .description('fetch a data set; what broke off goes on where it did')
    .argument('<name>', 'cifar10, cifar100, or a data set of a plugin that the nearest config lists')
    .option('--path <folder>', 'folder that gets a folder of the set', 'data')
    .option('--url <url>', 'fetch from here instead; the file must be the same')
    .option('--force', 'fetch although the files are there')
    .action(async (name: string, options: GetCommandOptions) => {
      const { fetchAndTell } = await import('../fetch-dataset.js');
      await fetchAndTell(name, options);
    });
}
