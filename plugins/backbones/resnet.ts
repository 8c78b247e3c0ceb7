import { z } from 'zod';
import { defineBackbone } from '../../core/contracts/index.js';
import { type GraphBuilder, graphBuilder, widen } from './graph-builder.js';
import { width } from './options.js';

interface Form {
  readonly stem: 'imagenet' | 'cifar';
  /** Output channels of a residual unit over the channels of its 3x3 convolution; 1 for two 3x3 convolutions. */
  readonly expansion: 1 | 4;
  /** Channels of each stage's 3x3 convolutions, and its residual units. */
  readonly stages: readonly (readonly [channels: number, units: number])[];
}

const imagenet = (expansion: 1 | 4, units: readonly [number, number, number, number]): Form => ({
  stem: 'imagenet',
  expansion,
  stages: units.map((count, stage) => [64 * 2 ** stage, count]),
});

const cifar = (units: number): Form => ({
  stem: 'cifar',
  expansion: 1,
  stages: [
    [16, units],
    [32, units],
    [64, units],
  ],
});

const FORMS = {
  18: imagenet(1, [2, 2, 2, 2]),
  20: cifar(3),
  32: cifar(5),
  34: imagenet(1, [3, 4, 6, 3]),
  44: cifar(7),
  50: imagenet(4, [3, 4, 6, 3]),
  56: cifar(9),
} as const;

type Depth = keyof typeof FORMS;

/**
 * ResNet (He, Zhang, Ren and Sun 2016). Depths 18, 34 and 50 are the networks for ImageNet, with projections where the shape
 * changes and, in depth 50, the stride in the 3x3 convolution, as everybody trains it; depths 20, 32, 44 and 56 those for
 * CIFAR, with shortcuts that have no parameters (option A). Without shortcuts these are the plain networks of section 4.2, which
 * train the worse the deeper they are. Every convolution larger than 1x1 is searchable.
 */
export const resnet = defineBackbone({
  name: 'resnet',
  summary: 'ResNet-18, 34 or 50 for ImageNet, ResNet-20 to 56 for CIFAR, also without shortcuts (plain-N)',
  options: z.strictObject({
    depth: z
      .literal(Object.keys(FORMS).map(Number) as Depth[])
      .default(18)
      .describe('layers: 18, 34, 50 for ImageNet, 20, 32, 44, 56 for CIFAR'),
    shortcuts: z.boolean().default(true).describe('false: the plain network of the same layers'),
    width,
  }),
  build: (input, classes, options) => {
    const { stem, expansion, stages } = FORMS[options.depth];
    const graph = graphBuilder(input, classes);
    const first = widen(stages[0]?.[0] ?? 0, options.width);
    if (stem === 'imagenet') {
      graph.block('stem', { outChannels: first, kernelSize: 7, stride: 2 });
      graph.add({ kind: 'max-pool', name: 'stem.pool', size: 3, stride: 2, padding: 1 });
    } else {
      graph.block('stem', { outChannels: first });
    }
    for (const [stage, [channels, units]] of stages.entries()) {
      for (let unit = 0; unit < units; unit++) {
        residualUnit(graph, `stage${stage + 1}.unit${unit}`, {
          channels: widen(channels, options.width),
          expansion,
          stride: stage > 0 && unit === 0 ? 2 : 1,
          projects: stem === 'imagenet',
          shortcut: options.shortcuts,
        });
      }
    }
    const inputs = graph.channels;
    graph.add({ kind: 'global-average-pool', name: 'pool' });
    return graph.classify(inputs);
  },
});

interface ResidualUnit {
  readonly channels: number;
  readonly expansion: 1 | 4;
  readonly stride: number;
  /** Whether a shortcut that changes the shape is a 1x1 convolution. */
  readonly projects: boolean;
  /** Whether there is one at all. */
  readonly shortcut: boolean;
}

function residualUnit(
  graph: GraphBuilder,
  name: string,
  { channels, expansion, stride, projects, shortcut: adds }: ResidualUnit,
): void {
  const input = graph.last;
  const inChannels = graph.channels;
  const outChannels = channels * expansion;
  const activation = adds ? 'none' : 'relu';
  if (expansion === 1) {
    graph.block(`${name}.conv1`, { outChannels: channels, stride });
    graph.block(`${name}.conv2`, { outChannels, activation });
  } else {
    graph.block(`${name}.conv1`, { outChannels: channels, kernelSize: 1 });
    graph.block(`${name}.conv2`, { outChannels: channels, stride });
    graph.block(`${name}.conv3`, { outChannels, kernelSize: 1, activation });
  }
  if (!adds) return;
  const branch = graph.last;
  let shortcut = input;
  if (stride !== 1 || inChannels !== outChannels) {
    shortcut = `${name}.shortcut`;
    if (projects) graph.block(shortcut, { input, outChannels, kernelSize: 1, stride, activation: 'none' });
    else graph.add({ kind: 'subsample', name: shortcut, input, stride, inChannels, outChannels });
  }
  graph.add({ kind: 'add', name: `${name}.add`, input: branch, other: shortcut, activation: 'relu' });
}
