import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bench } from '../bench/bench.js';
import { type BenchReport, GROUPS, type Group } from '../bench/report.js';
import { benchTables } from '../bench/table.js';
import { type LoadedConfig, loadConfig } from '../../config/load.js';
import { nearest } from '../../config/container/describe.js';
import { UsageError } from './failure.js';

/** Options of the command, as commander parses them. */
export interface BenchCommandOptions {
  readonly set: readonly string[];
  readonly engine?: readonly string[];
  readonly only: readonly string[];
  readonly strategies?: readonly string[];
  readonly time: number;
  readonly channels: number;
  readonly size: number;
  readonly kernel: number;
  readonly deploy?: string;
  readonly image?: string;
  readonly json?: boolean;
  readonly trustPlugins?: boolean;
}

/** Config to measure if none is named. */
const DEFAULT_CONFIG = 'repnas:bench';

/** Engines of this order or above are references; nobody trains on them, and measuring them would take hours. */
const REFERENCE_ORDER = 40;

/** An engine that could not be measured, and why. */
interface NotMeasured {
  readonly engine: string;
  readonly reason: string;
}

/** Measures each engine in its own process, so that none slows another, and a crash ends only one. */
export async function runBench(source = DEFAULT_CONFIG, options: BenchCommandOptions): Promise<void> {
  const loaded = await loadConfig(source, { set: options.set });
  const groups = options.only.length > 0 ? known('group', options.only, GROUPS) : GROUPS;
  const strategies = options.strategies && known('strategy', options.strategies, names(loaded, 'strategy'));
  const engines = known('engine', options.engine ?? [], names(loaded, 'engine'));
  const reports: (BenchReport | NotMeasured)[] = [];
  const tell = (report: BenchReport | NotMeasured): void => {
    reports.push(report);
    if (!options.json) process.stdout.write('entries' in report ? benchTables(report) : notMeasured(report));
  };
  const [only] = engines;
  if (engines.length === 1 && only !== undefined) {
    const chosen = await loadConfig(source, { set: [...options.set, `engine=${only}`] });
    const { channels, size, kernel: kernelSize, time: milliseconds } = options;
    const onGroup = (group: Group, subjects: number): void =>
      void process.stderr.write(`${only}: ${group}, ${subjects} of them\n`);
    tell(await bench(chosen, { groups, block: { channels, size, kernelSize }, strategies, milliseconds, onGroup }));
  } else {
    for (const engine of engines.length > 0 ? engines : await usable(loaded)) tell(await inProcess(engine));
  }
  if (options.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  if (reports.every((report) => !('entries' in report))) process.exitCode = 1;
}

const names = ({ registry }: LoadedConfig, kind: 'engine' | 'strategy'): string[] =>
  registry.parts(kind).map(({ part }) => part.name);

/** Checks names. @throws UsageError for an unknown one. */
function known<Name extends string>(what: string, given: readonly string[], all: readonly Name[]): readonly Name[] {
  const unknown = given.find((name) => !(all as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `there is no ${what} '${unknown}'; expected some of ${all.join(', ')}. ${nearest(unknown, all) ?? ''}`.trim(),
    );
  return given as readonly Name[];
}

/** Lists the engines that can run here, in the order of `auto`, without references. */
async function usable({ registry }: LoadedConfig): Promise<string[]> {
  const found: string[] = [];
  const engines = registry.parts('engine').map(({ part }) => part);
  for (const engine of engines.sort((a, b) => a.order - b.order)) {
    if (engine.order >= REFERENCE_ORDER) continue;
    if ((await engine.probe(engine.options.parse({}))).available) found.push(engine.name);
  }
  if (found.length === 0)
    throw new UsageError('no engine can run here but the reference, which would take hours; name it: --engine cpu');
  return found;
}

/** Runs the same command for one engine. */
async function inProcess(engine: string): Promise<BenchReport | NotMeasured> {
  const [node, ...given] = process.argv as [string, ...string[]];
  const running = promisify(execFile)(node, [...withoutEngine(given), '--engine', engine, '--json'], {
    maxBuffer: 2 ** 26,
  });
  running.child.stderr?.pipe(process.stderr);
  try {
    const { stdout } = await running;
    return (JSON.parse(stdout) as BenchReport[])[0] as BenchReport;
  } catch (error) {
    return { engine, reason: String((error as { stderr?: string }).stderr ?? error).trim() };
  }
}

/** Removes the list of engines from arguments. */
const withoutEngine = (given: readonly string[]): string[] =>
  given.filter((word, at) => word !== '--engine' && given[at - 1] !== '--engine' && !word.startsWith('--engine='));

const notMeasured = ({ engine, reason }: NotMeasured): string => `${engine}: could not be measured: ${reason}\n`;
