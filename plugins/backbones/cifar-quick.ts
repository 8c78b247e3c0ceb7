import { z } from 'zod';
import { defineBackbone } from '../../core/contracts/index.js';
import { graphBuilder, widen } from './graph-builder.js';
import { width } from './options.js';

const WIDTHS = [32, 32, 64] as const;
const HIDDEN = 64;
const SMALLEST = 8;

/**
 * Cifar-quick, the small network of Caffe's CIFAR-10 example (cifar10_quick_train_test.prototxt): three convolutions, each
 * followed by 3x3 pooling at stride 2, and two dense layers. As in the ACNet paper, batch-norm and ReLU follow each convolution
 * directly. Pooling has a border of one pixel, which gives the sizes that Caffe gets by rounding up.
 */
export const cifarQuick = defineBackbone({
  name: 'cifar-quick',
  summary: 'Cifar-quick: three 5x5 convolutions and two dense layers',
  options: z.strictObject({
    kernelSize: z
      .union([z.literal(3), z.literal(5), z.literal(7)])
      .default(5)
      .describe('height and width of every convolution'),
    width,
  }),
  build: (input, classes, options) => {
    const [height, across] = input;
    if (Math.min(height, across) < SMALLEST) {
      throw new Error(
        `cifar-quick was given images of ${height}x${across}; expected at least ${SMALLEST}x${SMALLEST} pixels`,
      );
    }
    const graph = graphBuilder(input, classes);
    for (const [index, channels] of WIDTHS.entries()) {
      const kind = index === 0 ? 'max-pool' : 'average-pool';
      graph.block(`conv${index + 1}`, {
        outChannels: widen(channels, options.width),
        kernelSize: options.kernelSize,
      });
      graph.add({ kind, name: `pool${index + 1}`, size: 3, stride: 2, padding: 1 });
    }
    const inputs = graph.channels * Math.ceil(height / 8) * Math.ceil(across / 8);
    const hidden = widen(HIDDEN, options.width);
    graph.add({ kind: 'flatten', name: 'flatten' });
    graph.add({ kind: 'dense', name: 'hidden', inputs, outputs: hidden, activation: 'none' });
    return graph.classify(hidden);
  },
});
