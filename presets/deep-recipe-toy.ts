import { defineConfig } from '../core/config/define.js';

/** The same on fewer images. */
export default defineConfig({
  extends: 'repnas:deep-recipe',
  dataset: { name: 'cifar10', limit: { train: 6000, test: 5000 } },
  train: { epochs: { warmUp: 1, search: 4, frozen: 5 }, evaluateEvery: 10 },
});
