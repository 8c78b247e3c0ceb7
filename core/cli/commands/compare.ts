import { InvalidArgumentError, type Command } from 'commander';

interface CompareCommandOptions {
  readonly jobs: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly set: readonly string[];
  readonly json?: boolean;
}

const count = (value: string): number => {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('expected a positive integer');
  return Number(value);
};

export function register(program: Command): void {
  program
    .command('compare')
    .description('train every entrant of a comparison with every seed, and report who is better by how much')
    .argument('<comparison>', 'repnas:NAME, or a file that lists entrants')
    .option('-j, --jobs <n>', 'trials at the same time', count, 1)
    .option('-o, --out <folder>', 'folder of the comparison; default: runs/compare-NAME')
    .option('--resume', 'run only what is missing')
    .option(
      '--set <key=value>',
      'lay a value over every entrant',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--json', 'print the report as JSON on stdout')
    .action(async (source: string, options: CompareCommandOptions) => {
      const [{ compare }, { markdown }, { onInterrupt }] = await Promise.all([
        import('../../compare/compare.js'),
        import('../../compare/words.js'),
        import('../interrupt.js'),
      ]);
      const interrupt = onInterrupt();
      const say = (text: string): void => void process.stderr.write(`${text}\n`);
      const name = source.replace(/^repnas:/, '').replace(/.*[/\\]|\.[^.]+$/g, '');
      const { report, files, interrupted } = await compare(source, {
        ...options,
        out: options.out ?? `runs/compare-${name}`,
        signal: interrupt.signal,
        onStart: (trial, attempt) => say(`${trial.name}: ${attempt === 1 ? 'begins' : 'is tried again'}`),
        onRecord: (record, done, total) =>
          say(
            `${record.name}: ${record.status === 'done' ? `${(100 * record.result.accuracy.fused).toFixed(2)} %` : `failed: ${record.reason}`} (${done} of ${total})`,
          ),
      });
      interrupt.release();
      process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : markdown(report));
      for (const file of files) say(file);
      if (interrupted) process.exitCode = interrupt.exitCode();
      else if (report.entrants.some(({ failed }) => failed.length > 0)) process.exitCode = 1;
    });
}
