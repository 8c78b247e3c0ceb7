import { z } from 'zod';
import { defineBackbone } from '../../core/contracts/index.js';
import { graphBuilder, widen } from './graph-builder.js';
import { width } from './options.js';

const FIRST = 32;

/** Output channels of each pair of convolutions, and the stride of its depthwise one (MobileNet, table 1). */
const PAIRS = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

/** MobileNet V1 (Howard et al. 2017): a 3x3 convolution, then pairs of a searchable depthwise 3x3 and a 1x1 convolution. */
export const mobilenet = defineBackbone({
  name: 'mobilenet',
  summary: 'MobileNet V1, whose depthwise convolutions are searched',
  options: z.strictObject({ width }),
  build: (input, classes, options) => {
    const graph = graphBuilder(input, classes);
    graph.block('stem', { outChannels: widen(FIRST, options.width), stride: 2 });
    for (const [index, [outChannels, stride]] of PAIRS.entries()) {
      const { channels } = graph;
      graph.block(`pair${index}.depthwise`, { outChannels: channels, stride, groups: channels });
      graph.block(`pair${index}.pointwise`, { outChannels: widen(outChannels, options.width), kernelSize: 1 });
    }
    const inputs = graph.channels;
    graph.add({ kind: 'global-average-pool', name: 'pool' });
    return graph.classify(inputs);
  },
});
