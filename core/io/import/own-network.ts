import type { CheckpointFamily } from '../../contracts/checkpoint-family.js';
import type { BlockNode } from '../../contracts/network.js';
import { denseLayer, type DenseLayer } from './dense-layer.js';
import type { DescribedNetwork } from './described-network.js';
import { ours } from './families.js';
import type { KnownNetwork } from './known-network.js';
import { plainBlocks } from './plain-blocks.js';
import { type BlockPlan, type Recognised, recogniseBlocks, tensorsOf } from './recognise.js';
import { CheckpointError } from './checkpoint-error.js';

/**
 * The blocks of a file that describes its network, by the names of its nodes or those that the file says they have: folded, with the
 * branches of our ops, or as the published block that each is. Undefined where none is called so, as in files from before names were
 * written along (RepVGG's and timm's are their own).
 *
 * @throws Error naming a block that has no tensors while others do
 */
export function ownBlocks(
  { graph, names = {} }: DescribedNetwork,
  shapes: ReadonlyMap<string, readonly number[]>,
  families: readonly CheckpointFamily[],
): Recognised | undefined {
  const wanted = graph.nodes.filter((node) => node.kind === 'block');
  const called = ({ name }: BlockNode): string => names[name] ?? name;
  const { blocks, others } = recogniseBlocks(shapes, [...families, ours]);
  const folded = wanted
    .map(called)
    .filter((name) => shapes.has(`${name}.weight`))
    .map(foldedPlan);
  const found = new Map([...blocks, ...plainBlocks(others).blocks, ...folded].map((plan) => [plan.name, plan]));
  const [missing, ...more] = wanted.filter((node) => !found.has(called(node)));
  if (more.length + 1 === wanted.length) return undefined;
  if (missing)
    throw new CheckpointError(`block '${called(missing)}' has no tensors; the file says that its network has it`);
  const plans = wanted.map((node) => told(found.get(called(node)) as BlockPlan, node));
  const layers = graph.nodes.flatMap((node) =>
    node.kind === 'dense'
      ? [node.name]
      : node.kind === 'squeeze-excite'
        ? [`${node.name}.down`, `${node.name}.up`]
        : [],
  );
  const used = new Set([
    ...plans.flatMap(tensorsOf),
    ...layers.map((layer) => names[layer] ?? layer).flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]),
  ]);
  return { blocks: plans, others: [...shapes.keys()].filter((name) => !used.has(name)) };
}

/** The network as its file describes it. */
export const ownNetwork = ({ graph, classes, normalisation, names = {} }: DescribedNetwork): KnownNetwork => ({
  title: 'the network that the file describes',
  size: [graph.input[0], graph.input[1]],
  normalisation,
  classes,
  matches: () => true,
  place: (blocks, [height, width], { shapes }) => {
    const nodes = graph.nodes.filter((node) => node.kind === 'block');
    for (const [index, { name, inputs, outputs, kernelSize }] of blocks.entries()) {
      const node = nodes[index] as BlockNode;
      const described = [node.inChannels / node.groups, node.outChannels, node.kernelSize];
      expectSame(
        `block '${name}'`,
        'inputs of a group, outputs, kernel size',
        [inputs, outputs, kernelSize],
        described,
      );
    }
    const dense = new Map<string, DenseLayer>();
    const add = (node: string, inputs: number, outputs: number): void => {
      const layer = denseLayer(shapes, names[node] ?? node);
      expectSame(`layer '${layer.name}'`, 'inputs, outputs', [layer.features, layer.outputs], [inputs, outputs]);
      dense.set(node, layer);
    };
    for (const node of graph.nodes) {
      if (node.kind === 'dense') add(node.name, node.inputs, node.outputs);
      if (node.kind !== 'squeeze-excite') continue;
      add(`${node.name}.down`, node.channels, node.inner);
      add(`${node.name}.up`, node.inner, node.channels);
    }
    return {
      graph: { ...graph, input: [height, width, graph.input[2]] },
      sources: new Map(nodes.map(({ name }) => [name, names[name] ?? name])),
      dense,
      dilations: new Map(),
      assumed: [],
    };
  },
});

/** The node says what no kernel need say. */
const told = (plan: BlockPlan, { kernelSize, inChannels, groups }: BlockNode): BlockPlan => ({
  ...plan,
  family: { ...plan.family, kernelSize, inputs: inChannels / groups },
});

const foldedPlan = (name: string): BlockPlan => ({
  name,
  family: ours,
  branches: [{ source: ours.deployed, layers: [{ convolution: name }] }],
});

function expectSame(what: string, which: string, found: readonly number[], expected: readonly number[]): void {
  if (found.join() !== expected.join())
    throw new CheckpointError(
      `${what} has ${found.join(', ')} (${which}); the file says that its network has ${expected.join(', ')}`,
    );
}
