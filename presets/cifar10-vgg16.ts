import { defineConfig } from '../core/config/define.js';

/** RepNAS on VGG-16 and CIFAR-10, the plain network beside. */
export default defineConfig({
  extends: 'repnas:cifar10-recipe',
  backbone: { name: 'vgg', depth: 16 },
  strategy: 'repnas',
  baseline: 'plain',
});
