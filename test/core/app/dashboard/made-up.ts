import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a run folder holds as far as the dashboard reads it. */
export interface MadeUp {
  readonly name: string;
  readonly strategy?: string;
  readonly events?: readonly object[];
  readonly accuracy?: number;
  readonly batchSize?: number;
}

export const STARTED = {
  type: 'run-started',
  entrant: 'shrink',
  engine: 'wasm',
  device: 'CPU, 1 thread',
  totalSteps: 40,
  gates: 4,
};

export const stepEvent = (step: number, totalSteps = 40) => ({
  type: 'step',
  phase: 'search',
  epoch: 0,
  step,
  totalSteps,
  loss: 2 - step / totalSteps,
  learningRate: 0.1,
  images: 64,
  active: 4,
});

export const lines = (events: readonly object[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');

/** Writes a run folder; returns its path. */
export function madeUpRun(folder: string, run: MadeUp): string {
  const { name, strategy = 'shrink', events = [], accuracy, batchSize = 64 } = run;
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  const config = {
    strategy: { name: strategy },
    dataset: { name: 'mnist' },
    backbone: { name: 'repvgg' },
    train: { batchSize },
  };
  writeFileSync(join(path, 'config.json'), JSON.stringify({ config, origins: {} }));
  writeFileSync(join(path, 'run.json'), JSON.stringify({ engine: 'wasm', started: '2026-11-28T20:00:00.000Z' }));
  writeFileSync(join(path, 'events.jsonl'), lines(events));
  if (accuracy !== undefined)
    writeFileSync(join(path, 'result.json'), JSON.stringify({ strategy, accuracy: { fused: accuracy } }));
  return path;
}

/** Adds events to a run's, as a process that trains does. */
export const addEvents = (run: string, events: readonly object[]): void =>
  appendFileSync(join(run, 'events.jsonl'), lines(events));
