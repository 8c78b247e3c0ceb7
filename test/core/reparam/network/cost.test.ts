import test from 'ava';
import type { GraphNode, NetworkGraph } from '../../../../core/contracts/index.js';
import { fusedCost } from '../../../../core/reparam/network/cost.js';
import { shapes } from '../../../../core/reparam/network/shapes.js';

const block = { kind: 'block', kernelSize: 3, stride: 1, groups: 1, activation: 'relu', searchable: true } as const;

const nodes = [
  { ...block, name: 'stem', input: 'input', inChannels: 3, outChannels: 8, stride: 2 },
  { ...block, name: 'depthwise', input: 'stem', inChannels: 8, outChannels: 8, kernelSize: 5, groups: 8 },
  { kind: 'add', name: 'sum', input: 'depthwise', other: 'stem', activation: 'none' },
  { kind: 'max-pool', name: 'max', input: 'sum', size: 3, stride: 2, padding: 1 },
  { kind: 'subsample', name: 'shortcut', input: 'max', stride: 2, inChannels: 8, outChannels: 12 },
  { kind: 'average-pool', name: 'mean', input: 'shortcut', size: 2, stride: 1, padding: 0 },
  { kind: 'flatten', name: 'flatten', input: 'mean' },
  { kind: 'dropout', name: 'dropout', input: 'flatten' },
  { kind: 'dense', name: 'dense', input: 'dropout', inputs: 12, outputs: 10, activation: 'none' },
] as const satisfies readonly GraphNode[];

const graph: NetworkGraph = { input: [15, 16, 3], classes: 10, nodes };

/** The graph with one node changed. */
const changed = (name: string, change: object): NetworkGraph => ({
  ...graph,
  nodes: nodes.map((node) => (node.name === name ? { ...node, ...change } : node)),
});

test('every node has the shape that its convolution or pooling gives', (t) => {
  t.deepEqual(
    [...shapes(graph)],
    [
      ['stem', [8, 8, 8]],
      ['depthwise', [8, 8, 8]],
      ['sum', [8, 8, 8]],
      ['max', [4, 4, 8]],
      ['shortcut', [2, 2, 12]],
      ['mean', [1, 1, 12]],
      ['flatten', [12]],
      ['dropout', [12]],
      ['dense', [10]],
    ],
  );
});

test('the cost is that of the fused convolutions and the dense layers', (t) => {
  const { nodes: costs, parameters, macs } = fusedCost(graph);
  const of = (name: string) => costs.find((cost) => cost.name === name);
  t.deepEqual(of('stem'), { name: 'stem', parameters: 9 * 3 * 8 + 8, macs: 9 * 3 * 8 * 64 });
  t.deepEqual(of('depthwise'), { name: 'depthwise', parameters: 25 * 8 + 8, macs: 25 * 8 * 64 });
  t.deepEqual(of('dense'), { name: 'dense', parameters: 130, macs: 120 });
  t.is(parameters, 224 + 208 + 130);
  t.is(macs, 13_824 + 12_800 + 120);
});

for (const [what, wrong, message] of [
  ['a name twice', changed('depthwise', { name: 'stem' }), /node 'stem': name is stem; expected a name that no other/],
  ['a name with other characters', changed('stem', { name: 'Stem 1' }), /only a-z, 0-9, dots and hyphens/],
  [
    'an input that comes later',
    changed('stem', { input: 'max' }),
    /node 'stem' reads 'max'; expected the name of a node before it/,
  ],
  [
    'other input channels',
    changed('stem', { inChannels: 4 }),
    /node 'stem': inChannels is 4; expected 3, the channels of 'input'/,
  ],
  ['groups that do not divide', changed('depthwise', { groups: 3 }), /groups is 3; expected a divisor of both 8 and 8/],
  ['an even kernel', changed('stem', { kernelSize: 4 }), /kernelSize is 4; expected an odd number up to 63/],
  ['no stride', changed('stem', { stride: 0 }), /stride is 0; expected a positive integer/],
  ['a sum of different shapes', changed('sum', { other: 'input' }), /node 'sum': 'input' is 15x16x3; expected 8x8x8/],
  [
    'a pool larger than its map',
    changed('mean', { size: 3 }),
    /node 'mean': input is 2 pixels across; expected at least 3/,
  ],
  [
    'a dense layer of other inputs',
    changed('dense', { inputs: 20 }),
    /node 'dense': input is 12; expected 20 features/,
  ],
  ['a dense layer on a map', changed('flatten', { kind: 'dropout' }), /expected \d+ features/],
  [
    'fewer channels out of a shortcut',
    changed('shortcut', { outChannels: 4 }),
    /outChannels is 4; expected at least 8/,
  ],
  ['other logits than classes', { ...graph, classes: 7 }, /output is 10; expected 7 logits/],
  ['an image without pixels', { ...graph, input: [0, 16, 3] }, /image is 0x16x3; expected positive/],
  ['no nodes', { ...graph, nodes: [] }, /node 'input': output is 15x16x3; expected 10 logits/],
] as const satisfies readonly (readonly [string, NetworkGraph, RegExp])[]) {
  test(`a graph with ${what} is refused`, (t) => {
    t.throws(() => shapes(wrong), { message });
  });
}
