import { defineConfig } from 'repnas';
import plugin from './starting-point.js';

/** A search on the new images that takes seconds. */
export default defineConfig({
  plugins: [plugin],
  dataset: { name: 'starting-point', train: 256, test: 64 },
  backbone: { name: 'cifar-quick', kernelSize: 3, width: 0.25 },
  train: { epochs: { warmUp: 1, search: 2, frozen: 2 }, batchSize: 32, optimizer: { learningRate: 0.05 } },
  importance: { learningRate: 0.05 },
});
