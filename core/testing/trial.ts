import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigFile } from '../config/define.js';
import {
  API_VERSION,
  definePlugin,
  type NumberedEvent,
  type PartKind,
  type PartKinds,
  type Plugin,
} from '../contracts/index.js';
import { RUN_FILES } from '../run/folder/layout.js';
import { createRun, InterruptedError } from '../run/run.js';

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

/** The name that a part has while it is tested, since its own may be taken: by itself. */
const UNDER_TEST = 'under-test';

/** A part that is tested, as a config lists and names it. */
export interface PartUnderTest {
  readonly plugins: readonly Plugin[];
  readonly choice: { readonly name: string };
}

export function underTest<Kind extends PartKind>(kind: Kind, part: PartKinds[Kind], options: object): PartUnderTest {
  // A session may depend on methods of its part: it is renamed, not copied.
  const renamed = Object.create(part, { name: { value: UNDER_TEST, enumerable: true } }) as PartKinds[Kind];
  const plugin = definePlugin({
    name: UNDER_TEST,
    apiVersion: API_VERSION,
    setup: (host) => {
      host.add(kind, renamed);
    },
  });
  return { plugins: [plugin], choice: { ...options, name: UNDER_TEST } };
}

export interface TrialOptions {
  /** Laid over the config of the run, each over the one before. */
  readonly configs: readonly ConfigFile[];
  readonly folder: string;
  readonly seed: number;
  /** Ends the run after this step. */
  readonly stopAfter?: number;
  readonly resume?: boolean;
}

/** A run as its events and its files tell it. */
export interface Trial {
  readonly events: readonly NumberedEvent[];
  readonly stopped: boolean;
  /** What has to be the same byte by byte where two runs are the same. */
  readonly files: ReadonlyMap<string, string>;
}

/** A whole run, on a real engine, with the real loop and files. */
export async function runTrial({ configs, folder, seed, stopAfter, resume = false }: TrialOptions): Promise<Trial> {
  const controller = new AbortController();
  const events: NumberedEvent[] = [];
  const run = createRun(
    { extends: [CONFIG, ...configs], seed, out: folder },
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

/** Where two runs part: the first event or, where events say nothing or do not count, the first file. */
export function firstDifference(a: Trial, b: Trial, { events }: { readonly events: boolean }): string | undefined {
  const at = events ? a.events.findIndex((event, index) => text(event) !== text(b.events[index])) : -1;
  if (at >= 0) return `event ${at} is ${text(a.events[at])} and ${text(b.events[at])}`;
  const file = [...a.files].find(([name, bytes]) => b.files.get(name) !== bytes);
  return file && `${file[0]} has other bytes`;
}

/** The last event holds the place of the run, which is another each time. */
const text = (event: NumberedEvent | undefined): string =>
  event?.type === 'done' ? 'done' : (JSON.stringify(event) ?? 'nothing').slice(0, 200);
