import { defineConfig } from '../core/config/define.js';

/** The same job in minutes: a sixteenth of the width, few and small images. */
export default defineConfig({
  extends: 'repnas:imagenet-recipe-toy',
  backbone: { name: 'repvgg', variant: 'a2', width: 0.0625 },
  strategy: 'repnas',
  budget: { branches: 75 },
  baseline: 'repvgg',
});
