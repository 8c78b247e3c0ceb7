import { shapeProblem } from '../container/shape.js';
import type { ConfigFile } from '../config/define.js';
import type { NumberedEvent, Strategy } from '../contracts/index.js';
import { expect, type Law, lawOf } from './law.js';
import { parsed } from './parsed.js';
import { inTemporaryFolder, runStrategy, type StrategyRun, type StrategyRunOptions } from './strategy-run.js';

export interface StrategyTestOptions {
  /** Options of the strategy, as a config writes them. @default {} */
  readonly options?: object;
  /** Laid over the config of the runs: another importance estimator, say. @default {} */
  readonly config?: ConfigFile;
  /** @default 1 */
  readonly seed?: number;
}

const PLANS = [
  { warmUp: 1, search: 1, frozen: 1 },
  { warmUp: 0, search: 2, frozen: 3 },
  { warmUp: 5, search: 10, frozen: 20 },
];

/**
 * The laws of a strategy, each to be run as a test, on small real runs: its phases fill the epochs; the same seed gives the
 * same run to the byte; the budget holds at every step and no block is left empty; a run that is stopped and resumed ends as one
 * that was not.
 */
export function testStrategy<Options>(strategy: Strategy<Options>, given: StrategyTestOptions = {}): Law[] {
  const { options = {}, config = {}, seed = 1 } = given;
  const law = lawOf(`strategy '${strategy.name}'`);
  const run = (own: Partial<StrategyRunOptions> = {}): Promise<StrategyRun> =>
    inTemporaryFolder((folder) =>
      runStrategy({ strategy: strategy as Strategy, options, config, folder, seed, ...own }),
    );
  let whole: Promise<StrategyRun> | undefined;
  const wholeRun = (): Promise<StrategyRun> => {
    whole ??= run();
    return whole;
  };
  return [
    law('is what the contract of a strategy says', () => {
      const problem = shapeProblem('strategy', strategy);
      expect(problem === undefined, `found ${problem?.found}; expected ${problem?.expected}`);
      checkPhases(strategy, parsed(strategy, options)());
    }),
    law('gives the same run for the same seed, and another for another', async () => {
      const [first, again, other] = [await wholeRun(), await run(), await run({ seed: seed + 1 })];
      const apart = firstDifference(first, again);
      expect(apart === undefined, `two runs with seed ${seed} differ: ${apart}`);
      expect(firstDifference(first, other) !== undefined, `runs with seeds ${seed} and ${seed + 1} are the same`);
    }),
    law('keeps its budget at every step, and a branch in every block', () =>
      checkBudget(strategy as Strategy, wholeRun, run),
    ),
    law('ends the same, to the byte, when it is stopped and resumed', async () => {
      const expected = await wholeRun();
      const steps = expected.events.filter(({ type }) => type === 'step').length;
      // The first step, one within a phase, and the last but one; the smallest that fails is told.
      for (const stopAfter of [...new Set([1, Math.ceil(steps / 2), steps - 1])]) {
        const resumed = await inTemporaryFolder(async (folder) => {
          const common = { strategy: strategy as Strategy, options, config, folder, seed };
          await runStrategy({ ...common, stopAfter });
          return runStrategy({ ...common, resume: true });
        });
        const apart = firstDifference(expected, resumed, false);
        expect(apart === undefined, `stopped after step ${stopAfter} of ${steps} and resumed, it differs: ${apart}`);
      }
    }),
  ];
}

function checkPhases<Options>(strategy: Strategy<Options>, options: Options): void {
  for (const plan of PLANS) {
    const phases = strategy.phases(plan, options);
    const of = `for epochs ${JSON.stringify(plan)}`;
    const wrong = phases.find(({ epochs }) => !Number.isInteger(epochs) || epochs < 0);
    expect(wrong === undefined, `phase '${wrong?.name}' has ${wrong?.epochs} epochs ${of}`);
    const names = phases.map(({ name }) => name);
    expect(new Set(names).size === names.length, `two of its phases have one name: ${names.join(', ')}`);
    const total = phases.reduce((sum, { epochs }) => sum + epochs, 0);
    const planned = plan.warmUp + plan.search + plan.frozen;
    expect(total === planned, `its phases have ${total} epochs ${of}, which are ${planned}`);
  }
}

async function checkBudget(
  strategy: Strategy,
  wholeRun: () => Promise<StrategyRun>,
  run: (own: Partial<StrategyRunOptions>) => Promise<StrategyRun>,
): Promise<void> {
  const first = await wholeRun();
  const started = first.events.find((event) => event.type === 'run-started');
  const architecture = lastArchitecture(first.events);
  const [gates, blocks] = [started?.gates ?? 0, Object.keys(architecture).length];
  expect(blocks > 0, 'it never decides: neither beforePhase nor afterEpoch returns an architecture');
  // From the smallest on, so that the first that fails is the smallest that does.
  const budgets = strategy.usesBudget ? [blocks, Math.floor(gates / 3), gates] : [undefined];
  for (const budget of budgets) {
    const { events } = budget === undefined ? first : await run({ budget });
    const allowed = budget ?? gates;
    const of = budget === undefined ? '' : ` with a budget of ${budget} of ${gates} gates`;
    const over = events.find((event) => event.type === 'step' && event.active > allowed);
    expect(
      over?.type !== 'step',
      `step ${over?.type === 'step' ? `${over.step} computes ${over.active}` : ''} branches${of}`,
    );
    const kept = Object.entries(lastArchitecture(events));
    const total = kept.reduce((sum, [, branches]) => sum + branches.length, 0);
    expect(total <= allowed, `it keeps ${total} branches${of}`);
    const empty = kept.find(([, branches]) => branches.length === 0);
    expect(empty === undefined, `block ${empty?.[0]} is left without a branch${of}`);
  }
}

function lastArchitecture(events: readonly NumberedEvent[]): Readonly<Record<string, readonly string[]>> {
  const last = events.findLast((event) => event.type === 'architecture');
  return last?.type === 'architecture' ? last.architecture : {};
}

/** Where two runs part: the first event or, where events say nothing, the first file. */
function firstDifference(a: StrategyRun, b: StrategyRun, events = true): string | undefined {
  const at = events ? a.events.findIndex((event, index) => text(event) !== text(b.events[index])) : -1;
  if (at >= 0) return `event ${at} is ${text(a.events[at])} and ${text(b.events[at])}`;
  const file = [...a.files].find(([name, bytes]) => b.files.get(name) !== bytes);
  return file && `${file[0]} has other bytes`;
}

/** The last event holds the place of the run, which is another each time. */
const text = (event: NumberedEvent | undefined): string =>
  event?.type === 'done' ? 'done' : (JSON.stringify(event) ?? 'nothing').slice(0, 200);
