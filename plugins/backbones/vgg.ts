import { z } from 'zod';
import { defineBackbone } from '../../core/contracts/index.js';
import { graphBuilder, widen } from './graph-builder.js';
import { width } from './options.js';

const STAGES = {
  11: [[64], [128], [256, 256], [512, 512], [512, 512]],
  16: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
} as const;

const SMALLEST = 8;

/**
 * VGG (Simonyan and Zisserman 2015) in its form for 32x32 images, as the DBB and ACNet papers train it on CIFAR: 3x3
 * convolutions in five stages, each ended by a 2x2 max-pool, and one dense layer. A stage whose map is down to one pixel has no
 * pool to end with; a larger image leaves a map of more than one pixel, whose mean goes to the dense layer.
 */
export const vgg = defineBackbone({
  name: 'vgg',
  summary: 'VGG-11 or VGG-16 for small images, with one dense layer',
  options: z.strictObject({
    depth: z
      .union([z.literal(11), z.literal(16)])
      .default(16)
      .describe('layers with weights in the original, of which two dense ones are left out'),
    width,
  }),
  build: (input, classes, options) => {
    let [shorter, longer] = input[0] < input[1] ? [input[0], input[1]] : [input[1], input[0]];
    if (shorter < SMALLEST) {
      throw new Error(
        `vgg was given images of ${input[0]}x${input[1]}; expected at least ${SMALLEST}x${SMALLEST} pixels`,
      );
    }
    const graph = graphBuilder(input, classes);
    for (const [stage, widths] of STAGES[options.depth].entries()) {
      for (const [block, channels] of widths.entries()) {
        graph.block(`stage${stage + 1}.block${block}`, { outChannels: widen(channels, options.width) });
      }
      if (shorter < 2) continue;
      graph.add({ kind: 'max-pool', name: `stage${stage + 1}.pool`, size: 2, stride: 2, padding: 0 });
      [shorter, longer] = [shorter >> 1, longer >> 1];
    }
    const inputs = graph.channels;
    graph.add(longer === 1 ? { kind: 'flatten', name: 'flatten' } : { kind: 'global-average-pool', name: 'pool' });
    return graph.classify(inputs);
  },
});
