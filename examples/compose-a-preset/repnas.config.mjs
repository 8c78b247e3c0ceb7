import { defineConfig } from 'repnas';

/** A RepNAS search over three branch ops; everything else is the team's preset. */
export default defineConfig({
  extends: ['./small-images.json', { train: { optimizer: { learningRate: 0.05 } } }],
  strategy: 'repnas',
  searchSpace: { name: 'per-block', branches: ['conv-kxk', 'conv-1x1', 'conv-1x1-kxk'] },
  budget: { branches: 12 },
});
