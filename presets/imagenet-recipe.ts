import { defineConfig } from '../core/config/define.js';

/**
 * How the released RepNAS code trains on ImageNet: 150 epochs in batches of 256, a cosine over all of them, random resized crops
 * and mirroring. Needs the npm package sharp; dataset.path names the folder of train and val.
 */
export default defineConfig({
  dataset: { name: 'image-folder' },
  augment: { flip: true },
  train: {
    epochs: { warmUp: 15, search: 35, frozen: 100 },
    batchSize: 256,
    optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4 },
    clip: 5,
    dropout: 0.1,
  },
});
