import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'repnas-test-'));

/** A whole run in about a second: synthetic images, a narrow network, one epoch a phase. */
export const tiny = (out: string) => ({
  dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 48, test: 24 },
  backbone: { name: 'vgg', depth: 11, width: 0.0625 },
  train: {
    epochs: { warmUp: 1, search: 1, frozen: 1 },
    batchSize: 16,
    optimizer: { name: 'sgd' as const, learningRate: 0.05 },
  },
  importance: { name: 'logistic-ranking', learningRate: 0.01 },
  engine: 'cpu',
  observers: ['jsonl'],
  export: [],
  seed: 7,
  out,
});
