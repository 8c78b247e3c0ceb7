import type { BlockNode, NetworkGraph } from '../../contracts/network.js';
import { denseLayer } from './dense-layer.js';
import type { DescribedNetwork } from './described-network.js';
import type { KnownNetwork } from './known-network.js';
import { plainBlocks } from './plain-blocks.js';
import { type BlockPlan, type Recognised, recogniseBlocks, tensorsOf } from './recognise.js';
import { ours, SCHEMES } from './scheme.js';

/**
 * The blocks of a file that describes its network, under the names of its nodes: folded, with the branches of our ops, or as the
 * published block that each is. Undefined where none is called so (RepVGG's and timm's names are their own).
 *
 * @throws Error naming a block that has no tensors while others do
 */
export function ownBlocks({ nodes }: NetworkGraph, names: Iterable<string>): Recognised | undefined {
  const all = new Set(names);
  const wanted = nodes.filter((node) => node.kind === 'block');
  const { blocks, others } = recogniseBlocks(all, [...SCHEMES, ours]);
  const folded = wanted.filter(({ name }) => all.has(`${name}.weight`)).map(({ name }) => foldedPlan(name));
  const found = new Map([...blocks, ...plainBlocks(others).blocks, ...folded].map((plan) => [plan.name, plan]));
  const [missing, ...more] = wanted.filter(({ name }) => !found.has(name));
  if (more.length + 1 === wanted.length) return undefined;
  if (missing) throw new Error(`block '${missing.name}' has no tensors; the file says that its network has it`);
  const plans = wanted.map((node) => told(found.get(node.name) as BlockPlan, node));
  const used = new Set(plans.flatMap(tensorsOf));
  return { blocks: plans, others: [...all].filter((name) => !used.has(name)) };
}

/** The network as its file describes it. */
export const ownNetwork = ({ graph, classes, normalisation }: DescribedNetwork): KnownNetwork => ({
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
    const dense = graph.nodes.flatMap((node) => {
      if (node.kind !== 'dense') return [];
      const layer = denseLayer(shapes, node.name);
      expectSame(
        `layer '${node.name}'`,
        'inputs, outputs',
        [layer.features, layer.outputs],
        [node.inputs, node.outputs],
      );
      return [[node.name, layer] as const];
    });
    return {
      graph: { ...graph, input: [height, width, graph.input[2]] },
      sources: new Map(nodes.map(({ name }) => [name, name])),
      dense: new Map(dense),
    };
  },
});

/** The node tells what no kernel need tell. */
const told = (plan: BlockPlan, { kernelSize, inChannels, groups }: BlockNode): BlockPlan => ({
  ...plan,
  scheme: { ...plan.scheme, kernelSize, inputs: inChannels / groups },
});

const foldedPlan = (name: string): BlockPlan => ({
  name,
  scheme: ours,
  branches: [{ source: ours.deployed, layers: [{ convolution: name }] }],
});

function expectSame(what: string, which: string, found: readonly number[], expected: readonly number[]): void {
  if (found.join() !== expected.join())
    throw new Error(
      `${what} has ${found.join(', ')} (${which}); the file says that its network has ${expected.join(', ')}`,
    );
}
