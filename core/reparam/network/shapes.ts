import type { BlockNode, GraphNode, NetworkGraph, PoolNode, SubsampleNode } from '../../contracts/network.js';

/** `[height, width, channels]` of a map, or `[features]` of a vector; without the batch. */
export type NodeShape = readonly number[];

/**
 * The output shape of every node, in order of execution. Checks the graph on the way: names, inputs, channels, groups, sizes.
 *
 * @throws Error naming the node, what was found and what was expected.
 */
export function shapes(graph: NetworkGraph): ReadonlyMap<string, NodeShape> {
  const known = new Map<string, NodeShape>([['input', graph.input]]);
  expect('input', 'image', graph.input.join('x'), graph.input.every(isPositive), 'positive height, width and channels');
  for (const node of graph.nodes) {
    expect(node.name, 'name', node.name, /^[a-z0-9.-]+$/.test(node.name), 'only a-z, 0-9, dots and hyphens');
    expect(node.name, 'name', node.name, !known.has(node.name), 'a name that no other node has');
    const inputs = inputsOf(node).map((name) => {
      const shape = known.get(name);
      if (!shape)
        throw new Error(`node '${node.name}' reads '${name}'; expected the name of a node before it, or 'input'`);
      return shape;
    });
    known.set(node.name, outputShape(node, inputs[0] as NodeShape, inputs[1]));
  }
  const last = graph.nodes.at(-1);
  const logits = known.get(last?.name ?? 'input') as NodeShape;
  expect(
    last?.name ?? 'input',
    'output',
    logits.join('x'),
    logits.length === 1 && logits[0] === graph.classes,
    `${graph.classes} logits`,
  );
  known.delete('input');
  return known;
}

function outputShape(node: GraphNode, input: NodeShape, other: NodeShape | undefined): NodeShape {
  switch (node.kind) {
    case 'block':
      return blockShape(node, input);
    case 'max-pool':
    case 'average-pool':
      return poolShape(node, input);
    case 'global-average-pool':
      return [map(node, input)[2]];
    case 'flatten':
      return [map(node, input).reduce((product, size) => product * size, 1)];
    case 'dropout':
      expect(
        node.name,
        'rate',
        node.rate,
        node.rate === undefined || (node.rate >= 0 && node.rate < 1),
        '0 up to, not including, 1',
      );
      return input;
    case 'dense':
      expect(
        node.name,
        'input',
        input.join('x'),
        input.length === 1 && input[0] === node.inputs,
        `${node.inputs} features`,
      );
      expect(node.name, 'outputs', node.outputs, isPositive(node.outputs), 'a positive integer');
      return [node.outputs];
    case 'add':
      expect(
        node.name,
        `'${node.other}'`,
        other?.join('x'),
        other?.join() === input.join(),
        `${input.join('x')}, the shape of '${node.input}'`,
      );
      return input;
    case 'subsample':
      return subsampleShape(node, input);
    case 'squeeze-excite': {
      const [, , channels] = map(node, input);
      expect(
        node.name,
        'channels',
        node.channels,
        node.channels === channels,
        `${channels}, the channels of '${node.input}'`,
      );
      expect(node.name, 'inner', node.inner, isPositive(node.inner), 'a positive integer');
      return input;
    }
  }
}

function blockShape(node: BlockNode, input: NodeShape): NodeShape {
  const { name, kernelSize, stride, groups, inChannels, outChannels } = node;
  const [height, width, channels] = map(node, input);
  expect(
    name,
    'kernelSize',
    kernelSize,
    kernelSize % 2 === 1 && kernelSize > 0 && kernelSize <= 63,
    'an odd number up to 63',
  );
  expect(name, 'stride', stride, isPositive(stride), 'a positive integer');
  expect(name, 'inChannels', inChannels, inChannels === channels, `${channels}, the channels of '${node.input}'`);
  expect(name, 'outChannels', outChannels, isPositive(outChannels), 'a positive integer');
  expect(
    name,
    'groups',
    groups,
    isPositive(groups) && inChannels % groups === 0 && outChannels % groups === 0,
    `a divisor of both ${inChannels} and ${outChannels} channels`,
  );
  const window = { size: kernelSize, stride, padding: kernelSize >> 1 };
  return [slide(name, height, window), slide(name, width, window), outChannels];
}

function poolShape(node: PoolNode, input: NodeShape): NodeShape {
  const [height, width, channels] = map(node, input);
  const { name, size, stride, padding } = node;
  expect(name, 'size', size, isPositive(size), 'a positive integer');
  expect(name, 'stride', stride, isPositive(stride), 'a positive integer');
  expect(
    name,
    'padding',
    padding,
    Number.isInteger(padding) && padding >= 0 && 2 * padding <= size,
    'at most half of the size',
  );
  return [slide(name, height, node), slide(name, width, node), channels];
}

function subsampleShape(node: SubsampleNode, input: NodeShape): NodeShape {
  const { name, stride, inChannels, outChannels } = node;
  const [height, width, channels] = map(node, input);
  expect(name, 'stride', stride, isPositive(stride), 'a positive integer');
  expect(name, 'inChannels', inChannels, inChannels === channels, `${channels}, the channels of '${node.input}'`);
  expect(
    name,
    'outChannels',
    outChannels,
    Number.isInteger(outChannels) && outChannels >= inChannels,
    `at least ${inChannels}`,
  );
  return [Math.ceil(height / stride), Math.ceil(width / stride), outChannels];
}

/** Positions of a window over a bordered line of pixels. */
function slide(
  name: string,
  length: number,
  { size, stride, padding }: Pick<PoolNode, 'size' | 'stride' | 'padding'>,
): number {
  const positions = Math.floor((length + 2 * padding - size) / stride) + 1;
  expect(
    name,
    'input',
    `${length} pixels across`,
    positions >= 1,
    `at least ${size - 2 * padding}; take larger images`,
  );
  return positions;
}

function map(node: GraphNode, input: NodeShape): readonly [number, number, number] {
  expect(node.name, 'input', input.join('x'), input.length === 3, 'a map of height, width and channels');
  return input as readonly [number, number, number];
}

const isPositive = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

function expect(node: string, what: string, found: unknown, holds: boolean, expected: string): void {
  if (!holds) throw new Error(`node '${node}': ${what} is ${found}; expected ${expected}`);
}

/** The names of the nodes whose outputs a node reads. */
export const inputsOf = (node: GraphNode): readonly string[] =>
  node.kind === 'add' ? [node.input, node.other] : [node.input];

/** Nodes whose vectors are flattened maps, with height, width and channels of those maps. */
export function flattenedMaps(graph: NetworkGraph): ReadonlyMap<string, readonly [number, number, number]> {
  const known = shapes(graph);
  const shapeOf = (name: string) => (name === 'input' ? graph.input : known.get(name)) as [number, number, number];
  const maps = new Map<string, readonly [number, number, number]>();
  for (const node of graph.nodes) {
    const source = inputsOf(node)
      .map((name) => maps.get(name))
      .find((map) => map !== undefined);
    if (node.kind === 'flatten') maps.set(node.name, shapeOf(node.input));
    else if (source && node.kind !== 'dense') maps.set(node.name, source);
  }
  return maps;
}
