import { defineConfig } from '../core/config/define.js';

/** The same job in minutes: a sixteenth of the width, few and small images. */
export default defineConfig({
  extends: 'repnas:imagenet-repvgg-a0-toy',
  backbone: { name: 'repvgg', variant: 'a2' },
});
