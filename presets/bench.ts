import { defineConfig } from '../core/config/define.js';

/** What `repnas bench` measures where no config is given: patterns at CIFAR's size, a narrow VGG-16. */
export default defineConfig({
  dataset: { name: 'synthetic', train: 64, test: 64 },
  backbone: { name: 'vgg', depth: 16, width: 0.25 },
  train: { batchSize: 16, dropout: 0 },
});
