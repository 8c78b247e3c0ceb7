import type { FusedConvolution, FusedNetwork, GraphNode, NetworkGraph } from '../../core/contracts/index.js';
import { createRandomSource } from '../../core/train/random/index.js';

/** Random numbers for a graph: kernels of a size that keeps activations near one, biases that matter. */
export function randomFused(graph: NetworkGraph, seed = 1): FusedNetwork {
  const random = createRandomSource(seed);
  const normal = (name: string, length: number, deviation: number): Float32Array => {
    const stream = random.stream(name);
    return Float32Array.from({ length }, () => deviation * stream.normal());
  };
  const convolutions = new Map<string, FusedConvolution>();
  const dense = new Map<string, { weight: Float32Array; bias: Float32Array }>();
  for (const node of graph.nodes) {
    if (node.kind === 'block') {
      const inputs = node.inChannels / node.groups;
      const shape = [node.kernelSize, node.kernelSize, inputs, node.outChannels] as const;
      const fanIn = shape[0] * shape[1] * inputs;
      const kernel = normal(`${node.name}.kernel`, fanIn * node.outChannels, Math.sqrt(2 / fanIn));
      convolutions.set(node.name, { shape, kernel, bias: normal(`${node.name}.bias`, node.outChannels, 0.5) });
    } else if (node.kind === 'dense') {
      const weight = normal(`${node.name}.weight`, node.inputs * node.outputs, Math.sqrt(1 / node.inputs));
      dense.set(node.name, { weight, bias: normal(`${node.name}.bias`, node.outputs, 0.5) });
    }
  }
  const classes = Array.from({ length: graph.classes }, (_, index) => `class ${index}`);
  const normalisation = { mean: [0.5], deviation: [0.25] };
  const architecture = { 'stage1.0': ['conv-kxk', 'identity'] };
  return { graph, convolutions, dense, metadata: { classes, normalisation, architecture, certificate: { images: 8 } } };
}

/** Images of values near one, one after another. */
export function randomImages([height, width, channels]: NetworkGraph['input'], count: number, seed = 1): Float32Array {
  const stream = createRandomSource(seed).stream('images');
  return Float32Array.from({ length: count * height * width * channels }, () => stream.normal());
}

const block = (name: string, inChannels: number, outChannels: number, rest: Partial<GraphNode> = {}): GraphNode =>
  ({
    kind: 'block',
    name,
    input: 'input',
    inChannels,
    outChannels,
    kernelSize: 3,
    stride: 1,
    groups: 1,
    activation: 'relu',
    searchable: true,
    ...rest,
  }) as GraphNode;

/** Small networks that hold every kind of node between them, with even and odd sizes at every stride. */
export const GRAPHS: Readonly<Record<string, NetworkGraph>> = {
  'a chain like VGG, flattened': {
    input: [9, 8, 3],
    classes: 4,
    nodes: [
      block('stage1.0', 3, 6),
      { kind: 'max-pool', name: 'pool1', input: 'stage1.0', size: 2, stride: 2, padding: 0 },
      block('stage2.0', 6, 8, { input: 'pool1', kernelSize: 5, activation: 'none' }),
      { kind: 'max-pool', name: 'pool2', input: 'stage2.0', size: 2, stride: 2, padding: 0 },
      { kind: 'flatten', name: 'flatten', input: 'pool2' },
      { kind: 'dropout', name: 'dropout', input: 'flatten' },
      { kind: 'dense', name: 'hidden', input: 'dropout', inputs: 32, outputs: 10, activation: 'relu' },
      { kind: 'dense', name: 'dense', input: 'hidden', inputs: 10, outputs: 4, activation: 'none' },
    ],
  },
  'strides, groups and depthwise': {
    input: [10, 11, 4],
    classes: 3,
    nodes: [
      block('stage0', 4, 8, { stride: 2 }),
      block('stage1.0', 8, 12, { input: 'stage0', groups: 4, kernelSize: 7 }),
      block('stage1.1', 12, 12, { input: 'stage1.0', groups: 12, stride: 2 }),
      block('stage1.2', 12, 24, { input: 'stage1.1', groups: 12, activation: 'none' }),
      block('stage2.0', 24, 6, { input: 'stage1.2', kernelSize: 1 }),
      { kind: 'global-average-pool', name: 'pool', input: 'stage2.0' },
      { kind: 'dense', name: 'linear', input: 'pool', inputs: 6, outputs: 3, activation: 'none' },
    ],
  },
  'residuals with both shortcuts, padded pools': {
    input: [13, 12, 3],
    classes: 5,
    nodes: [
      block('stem', 3, 4, { kernelSize: 7, stride: 2 }),
      { kind: 'max-pool', name: 'stem.pool', input: 'stem', size: 3, stride: 2, padding: 1 },
      block('a.0', 4, 7, { input: 'stem.pool', stride: 2 }),
      block('a.1', 7, 7, { input: 'a.0', activation: 'none' }),
      { kind: 'subsample', name: 'a.shortcut', input: 'stem.pool', stride: 2, inChannels: 4, outChannels: 7 },
      { kind: 'add', name: 'a', input: 'a.1', other: 'a.shortcut', activation: 'relu' },
      { kind: 'average-pool', name: 'b.pool', input: 'a', size: 3, stride: 1, padding: 1 },
      block('b.shortcut', 7, 7, { input: 'a', kernelSize: 1, activation: 'none' }),
      { kind: 'add', name: 'b', input: 'b.pool', other: 'b.shortcut', activation: 'none' },
      { kind: 'global-average-pool', name: 'pool', input: 'b' },
      { kind: 'dense', name: 'dense', input: 'pool', inputs: 7, outputs: 5, activation: 'none' },
    ],
  },
};
