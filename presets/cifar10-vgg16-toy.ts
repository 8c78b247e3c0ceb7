import { defineConfig } from '../core/config/define.js';

/** The same job in minutes: a narrow network, a part of the images. */
export default defineConfig({
  extends: 'repnas:cifar10-recipe-toy',
  backbone: { name: 'vgg', depth: 16, width: 0.125 },
  strategy: 'repnas',
  baseline: 'plain',
});
