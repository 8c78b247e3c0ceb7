import { InvalidArgumentError, Option, type Command } from 'commander';
import { list, positiveInteger, setOption } from '../options.js';

interface CompareCommandOptions {
  readonly jobs: number;
  readonly seeds?: number | readonly number[];
  readonly out?: string;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly set: readonly string[];
  readonly json?: boolean;
  readonly detach?: boolean;
}

/** Parses seeds: `5` is their number, `0,3,7` lists them. */
const seedList = (value: string): number | readonly number[] => {
  if (!value.includes(',')) return positiveInteger(value);
  const seeds = list(value);
  if (!seeds.every((seed) => /^\d+$/.test(seed))) throw new InvalidArgumentError('expected seeds joined by commas');
  return [...new Set(seeds.map(Number))];
};

export function register(program: Command): void {
  program
    .command('compare')
    .description('train every entrant of a comparison with every seed, and report who is better by how much')
    .argument('<comparison>', 'repnas:NAME, or a file that lists entrants')
    .option('-j, --jobs <n>', 'trials at the same time', positiveInteger, 1)
    .option('--seeds <n|list>', "in place of the comparison's own: how many, or which (0,3,7; one alone: 3,)", seedList)
    .option('-o, --out <folder>', 'folder of the comparison; default: runs/compare-NAME')
    .addOption(new Option('--force', 'replace a comparison in the same folder').conflicts('resume'))
    .option('--resume', 'go on with the comparison in the same folder: run only what is missing')
    .addOption(setOption('every entrant'))
    .option('--json', 'print the report as JSON on stdout')
    .option('--detach', 'go on without this terminal; see repnas status, dashboard and stop')
    .action(async (source: string, { json, detach: detaches, ...options }: CompareCommandOptions) => {
      const name = source.replace(/^repnas:/, '').replace(/.*[/\\]|\.[^.]+$/g, '');
      const out = options.out ?? `runs/compare-${name}`;
      if (detaches) {
        const { detach } = await import('../detach.js');
        const found = await detach(out);
        if ('code' in found) {
          process.stderr.write(found.said);
          process.exitCode = found.code;
        } else process.stdout.write(`process ${found.pid} works in ${out}; what it says is in ${found.log}\n`);
        return;
      }
      const [{ compare }, { markdown }, { CompareProgress }, { onInterrupt }] = await Promise.all([
        import('../../compare/compare.js'),
        import('../../compare/report/markdown.js'),
        import('../compare-progress.js'),
        import('../interrupt.js'),
      ]);
      const interrupt = onInterrupt();
      const progress = new CompareProgress(process.stderr);
      try {
        const { report, files, interrupted } = await compare(source, {
          ...options,
          out,
          signal: interrupt.signal,
          onBegin: (total, done) => progress.begin(total, done),
          onStart: (trial, attempt) => progress.start(trial, attempt),
          onProgress: (trial, share) => progress.share(trial.name, share),
          onRecord: (record) => progress.record(record),
        });
        progress.end();
        process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : markdown(report));
        for (const file of files) process.stderr.write(`${file}\n`);
        if (interrupted) {
          process.stderr.write('interrupted; go on with --resume\n');
          process.exitCode = interrupt.exitCode();
        } else if (report.entrants.some(({ failed }) => failed.length > 0)) process.exitCode = 1;
      } finally {
        progress.end();
        interrupt.release();
      }
    });
}
