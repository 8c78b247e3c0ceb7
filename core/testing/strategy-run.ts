import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigFile } from '../config/define.js';
import { API_VERSION, definePlugin, type NumberedEvent, type Strategy } from '../contracts/index.js';
import { RUN_FILES } from '../run/layout.js';
import { createRun, InterruptedError } from '../run/run.js';

/** The name that a strategy has while it is tested, since its own may be taken: by itself. */
const NAME = 'strategy-under-test';

/** Three searchable blocks, seven branches each, three steps an epoch: a whole run takes half a second. */
const CONFIG = {
  dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 32, test: 12 },
  backbone: { name: 'cifar-quick', kernelSize: 3, width: 0.125 },
  train: { epochs: { warmUp: 1, search: 1, frozen: 1 }, batchSize: 8, optimizer: { name: 'sgd', learningRate: 0.05 } },
  validation: { fraction: 0.25 },
  engine: 'cpu',
  observers: ['jsonl'],
  export: [],
} satisfies ConfigFile;

export interface StrategyRunOptions {
  readonly strategy: Strategy;
  readonly options: object;
  /** Laid over the config of the run. */
  readonly config: ConfigFile;
  readonly folder: string;
  readonly seed: number;
  readonly budget?: number;
  /** Ends the run after this step. */
  readonly stopAfter?: number;
  readonly resume?: boolean;
}

/** A run as its events and its files tell it. */
export interface StrategyRun {
  readonly events: readonly NumberedEvent[];
  readonly stopped: boolean;
  /** What has to be the same byte by byte where two runs are the same. */
  readonly files: ReadonlyMap<string, string>;
}

/** A whole run with the strategy, on the real engine, loop and files. */
export async function runStrategy(given: StrategyRunOptions): Promise<StrategyRun> {
  const { strategy, options, config, folder, seed, budget, stopAfter, resume = false } = given;
  // A session may depend on methods of its strategy: it is renamed, not copied.
  const renamed = Object.create(strategy, { name: { value: NAME, enumerable: true } }) as Strategy;
  const plugin = definePlugin({ name: NAME, apiVersion: API_VERSION, setup: (host) => host.add('strategy', renamed) });
  const controller = new AbortController();
  const events: NumberedEvent[] = [];
  const run = createRun(
    {
      extends: [CONFIG, config],
      plugins: [plugin],
      strategy: { name: NAME, ...options },
      seed,
      out: folder,
      ...(strategy.usesBudget && budget !== undefined && { budget: { branches: budget } }),
    },
    { name: 'run', cwd: folder, interactive: false, signal: controller.signal, resume },
  );
  run.events$.subscribe({
    next: (event) => {
      events.push(event);
      if (event.type === 'step' && event.step === stopAfter) controller.abort();
    },
    error: () => undefined,
  });
  const stopped = await run.done.then(
    () => false,
    (error: unknown) => {
      if (error instanceof InterruptedError) return true;
      throw error;
    },
  );
  return { events, stopped, files: stopped ? new Map() : decisive(join(folder, 'run')) };
}

const decisive = (run: string): ReadonlyMap<string, string> =>
  new Map(
    [RUN_FILES.architecture, RUN_FILES.weights, RUN_FILES.events].map((file) => [
      file,
      readFileSync(join(run, file), 'latin1').replaceAll(run, 'RUN'),
    ]),
  );

/** An empty folder for as long as it is used. */
export async function inTemporaryFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'repnas-testing-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
