import { defineConfig } from '../core/config/define.js';

/** The same in a minute or two. */
export default defineConfig({
  extends: 'repnas:deep-recipe',
  dataset: { name: 'cifar10', limit: { train: 6000, test: 5000 } },
  train: { epochs: { warmUp: 1, search: 4, frozen: 5 }, evaluateEvery: 10 },
});
