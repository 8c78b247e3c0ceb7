import { defineConfig } from 'repnas';
import plugin from './starting-point.js';

/** A search that takes seconds; beside it the plain network, trained with the same recipe. */
export default defineConfig({
  plugins: [plugin],
  strategy: 'starting-point',
  baseline: 'plain',
  budget: { keptRatio: 0.34 },
  dataset: { name: 'synthetic', shape: [16, 16, 3], train: 256, test: 100 },
  backbone: { name: 'cifar-quick', kernelSize: 3, width: 0.25 },
  train: { epochs: { warmUp: 1, search: 2, frozen: 2 }, batchSize: 32, optimizer: { learningRate: 0.05 } },
  importance: { learningRate: 0.05 },
});
