import type { Command } from 'commander';
import { type ConfigOptions, withConfig } from '../options.js';

export function register(program: Command): void {
  withConfig(program.command('config'))
    .description('print the resolved config; runs nothing but the config itself and the plugins it lists')
    .option('--explain', 'one line a key, with where it came from')
    .action(async (source: string | undefined, { set, explain }: ConfigOptions & { readonly explain?: boolean }) => {
      const [{ loadConfig }, { explained }] = await Promise.all([
        import('../../../config/load.js'),
        import('../../../config/explain.js'),
      ]);
      const loaded = await loadConfig(source, { set });
      for (const file of loaded.files) process.stderr.write(`read ${file}\n`);
      for (const place of loaded.plugins) {
        const from = typeof place === 'string' ? place : `${place.source}, ${place.path}`;
        process.stderr.write(`loaded plugin ${from}\n`);
      }
      process.stdout.write(explain ? explained(loaded) : `${JSON.stringify(loaded.config, null, 2)}\n`);
    });
}
