import { defineConfig } from 'repnas';
import plugin from './starting-point.js';

/** A search that takes seconds, watched by the new observer too. */
export default defineConfig({
  plugins: [plugin],
  observers: ['console', 'jsonl', 'starting-point'],
  dataset: { name: 'synthetic', shape: [16, 16, 3], train: 256, test: 100 },
  backbone: { name: 'cifar-quick', kernelSize: 3, width: 0.25 },
  train: { epochs: { warmUp: 1, search: 2, frozen: 2 }, batchSize: 32, optimizer: { learningRate: 0.05 } },
  importance: { learningRate: 0.05 },
});
