import { defineConfig } from 'repnas';
import plugin from './starting-point.js';

/** A search that takes seconds: each block may have the new branch beside two that come with repnas. */
export default defineConfig({
  plugins: [plugin],
  searchSpace: { branches: ['conv-kxk', 'conv-1x1', { name: 'starting-point', dilation: 2 }] },
  budget: { keptRatio: 0.6 },
  dataset: { name: 'synthetic', shape: [16, 16, 3], train: 256, test: 100 },
  backbone: { name: 'cifar-quick', kernelSize: 5, width: 0.25 },
  train: { epochs: { warmUp: 1, search: 2, frozen: 2 }, batchSize: 32, optimizer: { learningRate: 0.05 } },
  importance: { learningRate: 0.05 },
});
