import { shapeProblem } from '../config/container/shape.js';
import type { ConfigFile } from '../config/define.js';
import type { RunConfig } from '../config/schema.js';
import type { NumberedEvent, Strategy } from '../contracts/index.js';
import type { RunResult } from '../run/result.js';
import { expect, type Law, lawOf } from './law.js';
import { parsed } from './parsed.js';
import { checkResume, checkSeed } from './same-run.js';
import { inTemporaryFolder, runTrial, type Trial, underTest } from './trial.js';

/** With what the laws of a strategy are tried. */
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
 * same run to the byte; the budget holds when the strategy says so and no block is left empty; a run that is stopped and resumed ends as one
 * that was not.
 */
export function testStrategy<Options>(strategy: Strategy<Options>, given: StrategyTestOptions = {}): Law[] {
  const { options = {}, config = {}, seed = 1 } = given;
  const law = lawOf(`strategy '${strategy.name}'`);
  const { plugins, choice } = underTest('strategy', strategy as Strategy, options);
  const configs = [{ plugins, strategy: choice }, config];
  const run = (budget?: RunConfig['budget']): Promise<Trial> => {
    const own = budget === undefined ? configs : [...configs, { budget }];
    return inTemporaryFolder((folder) => runTrial({ configs: own, folder, seed }));
  };
  let whole: Promise<Trial> | undefined;
  const wholeRun = (): Promise<Trial> => {
    whole ??= run();
    return whole;
  };
  return [
    law('is what the contract of a strategy says', () => {
      const problem = shapeProblem('strategy', strategy);
      expect(problem === undefined, `found ${problem?.found}; expected ${problem?.expected}`);
      checkPhases(strategy, parsed(strategy, options)());
    }),
    law('gives the same run for the same seed, and another for another', async () =>
      checkSeed(await wholeRun(), { configs, seed }),
    ),
    law('keeps its budget, and a branch in every block', async () =>
      checkBudget(strategy as Strategy, await wholeRun(), run),
    ),
    law('ends the same, to the byte, when it is stopped and resumed', async () =>
      checkResume(await wholeRun(), { configs, seed }),
    ),
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
  first: Trial,
  run: (budget: RunConfig['budget']) => Promise<Trial>,
): Promise<void> {
  const started = first.events.find((event) => event.type === 'run-started');
  const architecture = lastArchitecture(first.events);
  const [gates, blocks] = [started?.gates ?? 0, Object.keys(architecture).length];
  expect(blocks > 0, 'it never decides: neither beforePhase nor afterEpoch returns an architecture');
  // From the smallest on, so that the first that fails is the smallest that does.
  const budgets = strategy.usesBudget ? [blocks, Math.floor(gates / 3), gates] : [undefined];
  for (const budget of budgets) {
    const { events } = budget === undefined ? first : await run({ branches: budget });
    const allowed = budget ?? gates;
    const of = budget === undefined ? '' : ` with a budget of ${budget} of ${gates} gates`;
    const last = events.findLast((event) => event.type === 'phase-started');
    const bound = (phase: string) => strategy.budgetHolds !== 'last-phase' || phase === last?.phase;
    const over = events.find((event) => event.type === 'step' && bound(event.phase) && event.active > allowed);
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
  if (strategy.budgetIn === 'costs') for (const times of [1, 1.5]) checkCost(times, await run({ trainingMacs: times }));
}

function checkCost(times: number, { events }: Trial): void {
  const done = events.find((event) => event.type === 'done');
  if (!done) throw new Error('the run has no result');
  const { main } = done.result as unknown as RunResult;
  const { training, fused } = main.cost;
  const of = `with a budget of ${times} times the plain network's multiply-adds`;
  expect(training.macs <= times * fused.macs, `it takes ${training.macs / fused.macs} times as many ${of}`);
  const kept = Object.entries(lastArchitecture(events));
  const empty = kept.find(([, branches]) => branches.length === 0);
  expect(empty === undefined, `block ${empty?.[0]} is left without a branch ${of}`);
}

function lastArchitecture(events: readonly NumberedEvent[]): Readonly<Record<string, readonly string[]>> {
  const last = events.findLast((event) => event.type === 'architecture');
  return last?.type === 'architecture' ? last.architecture : {};
}
