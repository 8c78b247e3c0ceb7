import { z } from 'zod';
import { defineBackbone } from '../../core/contracts/index.js';
import { graphBuilder, widen } from './graph-builder.js';
import { width } from './options.js';

const STAGE_CHANNELS = [64, 128, 256, 512] as const;

const A = [2, 4, 14, 1] as const;
const B = [4, 6, 16, 1] as const;

/** Layers of each stage, their width multipliers, and the groups of every second layer (RepVGG, tables 2 and 3). */
const VARIANTS = {
  a0: [A, [0.75, 0.75, 0.75, 2.5], 1],
  a1: [A, [1, 1, 1, 2.5], 1],
  a2: [A, [1.5, 1.5, 1.5, 2.75], 1],
  b0: [B, [1, 1, 1, 2.5], 1],
  b1: [B, [2, 2, 2, 4], 1],
  b1g2: [B, [2, 2, 2, 4], 2],
  b1g4: [B, [2, 2, 2, 4], 4],
  b2: [B, [2.5, 2.5, 2.5, 5], 1],
  b2g2: [B, [2.5, 2.5, 2.5, 5], 2],
  b2g4: [B, [2.5, 2.5, 2.5, 5], 4],
  b3: [B, [3, 3, 3, 5], 1],
  b3g2: [B, [3, 3, 3, 5], 2],
  b3g4: [B, [3, 3, 3, 5], 4],
} as const;

type Variant = keyof typeof VARIANTS;

/**
 * RepVGG (Ding et al. 2021): nothing but 3x3 convolutions, the first of each of five stages at stride 2, then the mean and one
 * dense layer. For small images the first two stages keep the size, so that five stages leave a map of 4x4 from 32x32 pixels, not
 * of one pixel. In the grouped variants every second layer has groups, counted from the second of the first stage after the stem.
 */
export const repvgg = defineBackbone({
  name: 'repvgg',
  summary: 'RepVGG-A0 to B3, also with 2 or 4 groups',
  options: z.strictObject({
    variant: z
      .enum(Object.keys(VARIANTS) as [Variant, ...Variant[]])
      .default('a0')
      .describe('depth and widths, as in the paper'),
    width,
    images: z
      .enum(['large', 'small'])
      .default('large')
      .describe('large: stride 2 in every stage, as in the paper; small: none in the first two, for 28 to 64 pixels'),
  }),
  build: (input, classes, options) => {
    const first = options.images === 'small' ? 1 : 2;
    const [layers, multipliers, groups] = VARIANTS[options.variant];
    const graph = graphBuilder(input, classes);
    const channels = STAGE_CHANNELS.map((base, stage) =>
      widen(base * (multipliers[stage] ?? 1), options.width, groups),
    );
    graph.block('stage0.block0', {
      outChannels: Math.min(widen(64, options.width, groups), channels[0] ?? 0),
      stride: first,
    });
    let layer = 0;
    for (const [stage, count] of layers.entries()) {
      for (let block = 0; block < count; block++) {
        layer++;
        graph.block(`stage${stage + 1}.block${block}`, {
          outChannels: channels[stage] ?? 0,
          stride: block > 0 ? 1 : stage === 0 ? first : 2,
          groups: layer % 2 === 0 ? groups : 1,
        });
      }
    }
    const inputs = graph.channels;
    graph.add({ kind: 'global-average-pool', name: 'pool' });
    return graph.classify(inputs);
  },
});
