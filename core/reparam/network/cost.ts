import type { GraphNode, NetworkGraph } from '../../contracts/network.js';
import { type NodeShape, shapes } from './shapes.js';

/** Cost of a node at inference: its parameters, and multiply-adds for one image. */
export interface NodeCost {
  readonly name: string;
  readonly parameters: number;
  readonly macs: number;
}

export interface NetworkCost {
  readonly nodes: readonly NodeCost[];
  readonly parameters: number;
  readonly macs: number;
}

/**
 * The cost of the fused network: convolutions with bias, and dense layers. Activations, sums and pooling count as nothing, as
 * is the custom of the field.
 *
 * @throws Error if the graph is not valid, as {@link shapes}.
 */
export function fusedCost(graph: NetworkGraph): NetworkCost {
  const outputs = shapes(graph);
  const nodes = graph.nodes.map((node) => ({ name: node.name, ...cost(node, outputs.get(node.name) as NodeShape) }));
  return {
    nodes,
    parameters: nodes.reduce((sum, { parameters }) => sum + parameters, 0),
    macs: nodes.reduce((sum, { macs }) => sum + macs, 0),
  };
}

function cost(node: GraphNode, output: NodeShape): Omit<NodeCost, 'name'> {
  if (node.kind === 'dense') {
    const weights = node.inputs * node.outputs;
    return { parameters: weights + node.outputs, macs: weights };
  }
  if (node.kind === 'squeeze-excite') {
    const weights = 2 * node.channels * node.inner;
    return { parameters: weights + node.channels + node.inner, macs: weights };
  }
  if (node.kind !== 'block') return { parameters: 0, macs: 0 };
  const weights = (node.kernelSize ** 2 * node.inChannels * node.outChannels) / node.groups;
  const [height = 1, width = 1] = output;
  return { parameters: weights + node.outChannels, macs: weights * height * width };
}
