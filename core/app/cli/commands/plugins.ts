import type { Command } from 'commander';
import { withSource } from '../options.js';

interface Listed {
  readonly kind: string;
  readonly name: string;
  /** `built-in`, or the file that lists the plugin. */
  readonly origin: string;
  readonly plugin: string;
  readonly options: readonly string[];
  readonly summary: string;
}

export function register(program: Command): void {
  withSource(program.command('plugins'))
    .description('every part that a config can name, by kind: name, options, origin')
    .option('--json', 'as JSON on stdout')
    .action(async (source: string | undefined, { json }: { readonly json?: boolean }) => {
      const [{ loadPlugins }, { inputSchema, keysAt }, { ConfigError }] = await Promise.all([
        import('../../../config/load.js'),
        import('../../../config/json-schema.js'),
        import('../../../config/problem.js'),
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
      process.stdout.write(json ? `${JSON.stringify(parts, null, 2)}\n` : listing(parts));
      if (problems.length > 0) throw new ConfigError(problems);
    });
}

/** Formats one paragraph per kind, with a line or two per part, narrow enough for a terminal. */
function listing(parts: readonly Listed[]): string {
  const width = Math.max(...parts.map(({ name }) => name.length));
  const kinds = [...new Set(parts.map(({ kind }) => kind))];
  const paragraphs = kinds.map((kind) => {
    const lines = parts.filter((part) => part.kind === kind).flatMap((part) => linesOf(part, width));
    return `${kind}\n${lines.join('\n')}\n`;
  });
  return paragraphs.join('\n');
}

function linesOf({ name, summary, options, origin, plugin }: Listed, width: number): string[] {
  const below = `  ${' '.repeat(width)}  `;
  return [
    `  ${name.padEnd(width)}  ${summary}`,
    ...(options.length > 0 ? [`${below}options: ${options.join(', ')}`] : []),
    ...(origin === 'built-in' ? [] : [`${below}of ${plugin}, ${origin}`]),
  ];
}
