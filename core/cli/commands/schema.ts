import type { Command } from 'commander';
import { type ConfigOptions, withConfig } from '../options.js';

export function register(program: Command): void {
  withConfig(program.command('schema'))
    .description('JSON Schema of a config file, with the options of every part; for "$schema"')
    .option('-o, --out <file>', 'write it to a file')
    .action(async (source: string | undefined, { out }: ConfigOptions & { readonly out?: string }) => {
      const [{ collect }, { createRegistry }, { configJsonSchema }, { writeFileAtomic }, { ConfigError }] =
        await Promise.all([
          import('../../config/layers.js'),
          import('../../container/plugins.js'),
          import('../../config/json-schema.js'),
          import('../../files/index.js'),
          import('../../config/problem.js'),
        ]);
      const { plugins } = await collect(source ?? {}, process.cwd(), []);
      const { registry, problems } = await createRegistry(plugins);
      if (problems.length > 0) throw new ConfigError(problems);
      const text = `${JSON.stringify(configJsonSchema(registry), null, 2)}\n`;
      if (out === undefined) process.stdout.write(text);
      else writeFileAtomic(out, text);
    });
}
