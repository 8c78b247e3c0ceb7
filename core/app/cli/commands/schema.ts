import type { Command } from 'commander';
import { withSource } from '../options.js';

interface SchemaOptions {
  readonly out?: string;
  readonly comparison?: boolean;
}

export function register(program: Command): void {
  withSource(program.command('schema'))
    .description('JSON Schema of a config file, with the options of every part; for "$schema"')
    .option('--comparison', "of a comparison's file instead, as `repnas compare` takes it")
    .option('-o, --out <file>', 'write it to a file')
    .action(async (source: string | undefined, { out, comparison }: SchemaOptions) => {
      const [{ configSchema }, { comparisonJsonSchema }, { writeFileAtomic }] = await Promise.all([
        import('../../../api.js'),
        import('../../compare/schema.js'),
        import('../../../io/files/index.js'),
      ]);
      const text = `${JSON.stringify(comparison ? comparisonJsonSchema() : await configSchema(source), null, 2)}\n`;
      if (out === undefined) process.stdout.write(text);
      else writeFileAtomic(out, text);
    });
}
