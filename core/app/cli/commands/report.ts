import type { Command } from 'commander';
import { printable } from '../printable.js';
import { TRUST_PLUGINS } from '../options.js';

interface ReportOptions {
  readonly out?: string;
  readonly json?: boolean;
  readonly trustPlugins?: boolean;
}

export function register(program: Command): void {
  program
    .command('report')
    .description('write the report of a comparison, as far as it is, or of a finished run: Markdown, CSV, JSON, HTML')
    .argument('<folder>', "a comparison's folder, or a run folder")
    .option('-o, --out <folder>', 'where the report goes; default: into the folder itself')
    .option('--json', 'print the report as JSON on stdout')
    .option(...TRUST_PLUGINS)
    .action(async (folder: string, { out = folder, json, trustPlugins }: ReportOptions) => {
      const { readReport } = await import('../../compare/report/read.js');
      const [{ writeReport }, { markdown }] = await Promise.all([
        import('../../compare/report/write.js'),
        import('../../compare/report/markdown.js'),
      ]);
      const source = await readReport(folder, {
        trustPlugins,
        warn: (message) => void process.stderr.write(`warning: ${message}\n`),
      });
      const files = await writeReport(out, source);
      process.stdout.write(json ? `${JSON.stringify(source.report, null, 2)}\n` : printable(markdown(source.report)));
      for (const file of files) process.stderr.write(`${file}\n`);
    });
}
