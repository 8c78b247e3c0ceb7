import type { BlockNode, GraphNode, NetworkGraph } from '../../contracts/network.js';
import { type NodeShape, shapes } from './shapes.js';
import type { ImageSize } from '../../contracts/block.js';
import type { Supernet } from './supernet.js';

/** Parameters and multiply-adds for one image: of the fused network, and of the multi-branch one as it trains. */

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

/** Trained numbers and multiply-adds for one image of the multi-branch form as it is now; `sizes` gives what each block reads. */
export function trainingCost(
  supernet: Supernet,
  sizes: ReadonlyMap<string, ImageSize>,
): { readonly parameters: number; readonly macs: number } {
  const { store } = supernet;
  const parameters = store
    .names()
    .filter((name) => store.role(name) !== 'statistics')
    .reduce((sum, name) => sum + store.get(name).size, 0);
  let macs = 0;
  for (const node of supernet.blocks.nodes) {
    const size = sizes.get(node.name);
    if (!size) throw new Error(`the size of the image that block ${node.name} reads is not known`);
    if (supernet.blocks.sumNorm(node.name)) macs += oneConvolution(node, size);
    else for (const { op, options } of supernet.blocks.branches(node.name)) macs += op.macs(node, options, size);
  }
  for (const node of supernet.graph.nodes) if (node.kind === 'dense') macs += node.inputs * node.outputs;
  return { parameters, macs };
}

/** A block that is squeezed before the images are convolved; squeezing is done once a step, whatever the images. */
function oneConvolution({ kernelSize, inChannels, outChannels, groups, stride }: BlockNode, size: ImageSize): number {
  const pixels = Math.ceil(size.height / stride) * Math.ceil(size.width / stride);
  return (kernelSize ** 2 * inChannels * outChannels * pixels) / groups;
}

/** Returns height and width of the image that every block reads. */
export function inputSizes(graph: NetworkGraph): Map<string, ImageSize> {
  const outputs = new Map(shapes(graph)).set('input', graph.input);
  return new Map(
    graph.nodes.flatMap((node) => {
      if (node.kind !== 'block') return [];
      const [height = 1, width = 1] = outputs.get(node.input) ?? [];
      return [[node.name, { height, width }] as const];
    }),
  );
}
