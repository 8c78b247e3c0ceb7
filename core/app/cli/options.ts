import { type Command, InvalidArgumentError, Option } from 'commander';

/** Options of commands that read a config. */
export interface ConfigOptions {
  readonly set: readonly string[];
}

/** Options of commands that start a run. */
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

/** Argument parser of an option that may be given more than once. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Argument parser of a list joined by commas. */
export const list = (value: string): string[] => value.split(',').filter((part) => part !== '');

/** Argument parser of a whole number above 0. */
export function positiveInteger(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('expected a positive integer');
  return Number(value);
}

/** The option `--set`, of every command that reads a config or a run. */
export const setOption = (what = 'the config'): Option =>
  new Option('--set <key=value>', `lay a value over ${what}; may be given more than once`)
    .argParser(collect)
    .default([], 'none');

/** Adds the argument of commands that only read the plugins of a config. */
export const withSource = (command: Command): Command => command.argument('[config]', SOURCE);

export const withConfig = (command: Command): Command => withSource(command).addOption(setOption());

export const withRun = (command: Command): Command =>
  withConfig(command)
    .option('--name <name>', 'name of the run folder')
    .option('--out <folder>', 'folder in which run folders are made')
    .addOption(new Option('--force', 'replace a run of the same name').conflicts('resume'))
    .option('--resume', 'go on with a run of the same name from its newest whole checkpoint')
    .option('--json', 'print the result as JSON on stdout');

/** Returns the settings to apply over a config, including those with their own option. */
export const settings = ({ set, out }: RunCommandOptions): readonly string[] =>
  out === undefined ? set : [...set, `out=${JSON.stringify(out)}`];
