import { defineComparison } from '../../core/app/compare/schema.js';

/**
 * The searched network beside networks of other families that take as long to answer: the widths of the others were
 * chosen for about the same latency of one image of 32x32 on `onednn` with one thread; the report measures it. All with one recipe.
 */
export default defineComparison({
  shared: { extends: 'repnas:deep-recipe', strategy: 'plain', export: [] },
  entrants: {
    'repvgg-a0-searched': { strategy: 'shrink', importance: 'bn-scale' },
    'repvgg-a0': { strategy: 'repvgg' },
    'plain-a0': {},
    'resnet-20': { backbone: { name: 'resnet', depth: 20, width: 0.25 } },
    mobilenet: { backbone: { name: 'mobilenet', width: 0.6 } },
    'vgg-16': { backbone: { name: 'vgg', depth: 16, width: 0.2 } },
    'vgg-16-searched': {
      strategy: 'shrink',
      importance: 'bn-scale',
      backbone: { name: 'vgg', depth: 16, width: 0.2 },
      budget: { keptRatio: 0.45 },
    },
  },
  seeds: 5,
  against: ['plain-a0', 'resnet-20'],
});
