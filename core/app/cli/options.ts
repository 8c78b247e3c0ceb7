import { type Command, Option } from 'commander';

/** Options of every command that reads a config. */
export interface ConfigOptions {
  readonly set: readonly string[];
}

/** Options of every command that starts a run. */
export interface RunCommandOptions extends ConfigOptions {
  readonly name?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly resume?: boolean;
  readonly json?: boolean;
}

/** Of commands that open a run folder: whether the plugins that it names may run. */
export const TRUST_PLUGINS = [
  '--trust-plugins',
  'of a run: run the plugins that its folder names; default: only those that your own config lists',
] as const;

const SOURCE = 'a preset (repnas:quickstart), a config file, or nothing: the nearest repnas.config.*';

const setOption = (): Option =>
  new Option('--set <key=value>', 'lay a value over the config; may be given more than once')
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], 'none');

/** For commands that read a config's plugins only. */
export const withSource = (command: Command): Command => command.argument('[config]', SOURCE);

export const withConfig = (command: Command): Command => withSource(command).addOption(setOption());

export const withRun = (command: Command): Command =>
  withConfig(command)
    .option('--name <name>', 'name of the run folder')
    .option('--out <folder>', 'folder in which run folders are made')
    .addOption(new Option('--force', 'replace a run of the same name').conflicts('resume'))
    .option('--resume', 'go on with a run of the same name from its newest whole checkpoint')
    .option('--json', 'print the result as JSON on stdout');

/** The values laid over a config, with those that have an option of their own. */
export const settings = ({ set, out }: RunCommandOptions): readonly string[] =>
  out === undefined ? set : [...set, `out=${JSON.stringify(out)}`];
