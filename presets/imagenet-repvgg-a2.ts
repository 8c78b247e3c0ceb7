import { defineConfig } from '../core/config/define.js';

/** RepNAS on RepVGG-A2 and ImageNet with the paper's 75 branches, RepVGG's own block beside. */
export default defineConfig({
  extends: 'repnas:imagenet-repvgg-a0',
  backbone: { name: 'repvgg', variant: 'a2' },
});
