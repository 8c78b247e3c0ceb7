import type { Command } from 'commander';
import { withConfig } from '../options.js';

export function register(program: Command): void {
  withConfig(program.command('plugins'))
    .description('every part that a config can name: kind, name, origin, options')
    .option('--json', 'as JSON on stdout')
    .action(async (source: string | undefined, { json }: { readonly json?: boolean }) => {
      const [{ loadPlugins }, { inputSchema, keysAt }, { ConfigError }, { default: Table }] = await Promise.all([
        import('../../config/load.js'),
        import('../../config/json-schema.js'),
        import('../../config/problem.js'),
        import('cli-table3'),
      ]);
      const { registry, problems } = await loadPlugins(source);
      const parts = registry.all().map(({ kind, part, origin, plugin }) => ({
        kind,
        name: part.name,
        origin,
        plugin,
        options: keysAt(inputSchema(part.options), []),
        summary: part.summary,
      }));
      if (json) process.stdout.write(`${JSON.stringify(parts, null, 2)}\n`);
      else {
        const table = new Table({
          head: ['kind', 'name', 'origin', 'options', 'what it is'],
          style: { head: [], border: [] },
        });
        for (const { kind, name, origin, options, summary } of parts) {
          table.push([kind, name, origin, options.join(', '), summary]);
        }
        process.stdout.write(`${table.toString()}\n`);
      }
      if (problems.length > 0) throw new ConfigError(problems);
    });
}
