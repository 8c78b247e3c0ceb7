import { readFileSync } from 'node:fs';
import { Command } from 'commander';

/** All commands. A command imports its code when it runs, so that help is quick. */
const COMMANDS: readonly {
  readonly name: string;
  readonly load: () => Promise<{ register(program: Command): void }>;
}[] = [
  { name: 'init', load: () => import('./commands/init.js') },
  { name: 'run', load: () => import('./commands/run.js') },
  { name: 'search', load: () => import('./commands/search.js') },
  { name: 'train', load: () => import('./commands/train.js') },
  { name: 'fuse', load: () => import('./commands/fuse.js') },
  { name: 'eval', load: () => import('./commands/eval.js') },
  { name: 'export', load: () => import('./commands/export.js') },
  { name: 'bench', load: () => import('./commands/bench.js') },
  { name: 'import', load: () => import('./commands/import.js') },
  { name: 'compare', load: () => import('./commands/compare.js') },
  { name: 'data', load: () => import('./commands/data.js') },
  { name: 'report', load: () => import('./commands/report.js') },
  { name: 'status', load: () => import('./commands/status.js') },
  { name: 'stop', load: () => import('./commands/stop.js') },
  { name: 'dashboard', load: () => import('./commands/dashboard.js') },
  { name: 'config', load: () => import('./commands/config.js') },
  { name: 'schema', load: () => import('./commands/schema.js') },
  { name: 'plugins', load: () => import('./commands/plugins.js') },
  { name: 'doctor', load: () => import('./commands/doctor.js') },
];

/** Builds the command line. */
export async function createProgram(): Promise<Command> {
  const { version } = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('repnas')
    .description('Search, train and fold structurally re-parameterised convolution blocks.')
    .version(version)
    .showSuggestionAfterError()
    .showHelpAfterError('(repnas --help lists the commands and their options)')
    .exitOverride()
    .enablePositionalOptions();
  for (const { load } of COMMANDS) (await load()).register(program);
  return program;
}
