import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, repnas } from './command.js';

/** A whole run in two seconds of one core: search, training, a baseline beside, a checkpoint after every step. */
export const SHORT_RUN = {
  dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 16, test: 24 },
  backbone: { name: 'cifar-quick', width: 0.125, kernelSize: 3 },
  train: {
    epochs: { warmUp: 1, search: 1, frozen: 1 },
    batchSize: 8,
    optimizer: { name: 'sgd' as const, learningRate: 0.05 },
  },
  importance: { name: 'logistic-ranking', learningRate: 0.01 },
  budget: { branches: 5 },
  baseline: 'plain',
  engine: 'cpu',
  observers: ['jsonl', 'csv'],
  export: ['tfjs'],
  checkpoint: { everySteps: 1 },
  seed: 7,
};

/** A folder of its own below the system's, gone when the work is done. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'repnas-faults-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function writeConfig(folder: string, config: object = SHORT_RUN): string {
  const file = join(folder, 'run.json');
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** The arguments of a run in `folder`, whose run folder is `folder/run`. */
export const runArguments = (config: string, folder: string, ...more: readonly string[]): string[] => [
  'run',
  config,
  '--out',
  folder,
  '--name',
  'run',
  ...more,
];

export const runToEnd = (config: string, folder: string, ...more: readonly string[]): Promise<Ended> =>
  repnas(runArguments(config, folder, ...more)).ended;

/** Everything a finished run says about the network, and the whole story of how it came about. */
const DECISIVE = [
  'architecture.json',
  'weights.safetensors',
  'certificate.json',
  'result.json',
  'events.jsonl',
  'metrics.csv',
  'baseline/architecture.json',
  'baseline/weights.safetensors',
  'baseline/result.json',
];

/** Those files by name; the run folder's own path, which the last event tells, is taken out. */
export const decisive = (run: string): Map<string, string> =>
  new Map(
    DECISIVE.map((name) => [
      name,
      readFileSync(join(run, name), 'latin1').replaceAll(JSON.stringify(run).slice(1, -1), 'RUN'),
    ]),
  );

/** Names of the files in which two finished runs differ. */
export const differences = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] =>
  [...a.keys()].filter((name) => a.get(name) !== b.get(name));

/** Every file below a folder, relative to it. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)).map((inner) => `${entry.name}/${inner}`) : [entry.name],
  );
