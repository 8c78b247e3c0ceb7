import { defineConfig } from 'repnas';
import plugin from './conv-separable.js';

/** A search that takes seconds: each block may have the new branch beside two built-in ones. */
export default defineConfig({
  plugins: [plugin],
  dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 48, test: 24 },
  backbone: { name: 'vgg', depth: 11, width: 0.0625 },
  searchSpace: { name: 'per-block', branches: ['conv-kxk', 'conv-1x1', 'conv-separable'] },
  budget: { keptRatio: 0.6 },
  train: { epochs: { warmUp: 1, search: 1, frozen: 1 }, batchSize: 16 },
  export: [],
});
