import { defineConfig } from 'repnas';

/** The quick start on handwritten digits, with choices of its own. `repnas config --explain` tells where each value came from. */
export default defineConfig({
  extends: 'repnas:quickstart',
  searchSpace: { branches: ['conv-kxk', 'conv-1x1', 'conv-1x1-kxk', 'identity'] },
  budget: { keptRatio: 0.4 },
  train: { epochs: { warmUp: 1, search: 2, frozen: 3 } },
  seed: 1,
});
