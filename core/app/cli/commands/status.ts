import type { Command } from 'commander';
import { printable } from '../printable.js';

interface StatusOptions {
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command('status')
    .description('say how far runs and comparisons are, those of other processes too')
    .argument('[folders...]', 'folders of, or above, runs and comparisons; default: runs')
    .option('--json', 'as JSON on stdout')
    .action(async (folders: string[], { json }: StatusOptions) => {
      const [{ findEntries }, { Summaries }, { inWords }] = await Promise.all([
        import('../../dashboard/folders.js'),
        import('../../dashboard/summary.js'),
        import('../status.js'),
      ]);
      const summaries = new Summaries();
      const found = findEntries(folders.length > 0 ? folders : ['runs']).map((entry) =>
        summaries.of(entry, Date.now()),
      );
      const text = json ? JSON.stringify(found, null, 2) : printable(inWords(found));
      process.stdout.write(`${text}\n`);
    });
}
