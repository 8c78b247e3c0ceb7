import type {
  AddNode,
  BlockNode,
  DenseNode,
  FlattenNode,
  FusedConvolution,
  FusedNetwork,
  GlobalPoolNode,
  GraphNode,
  PoolNode,
  SqueezeExciteNode,
  SubsampleNode,
} from '../../core/contracts/index.js';
import { subsampleKernel } from './subsample-kernel.js';

/** What a format makes of each kind of node: every member writes it and gives the name of what then holds its output. */
export interface NodeFormat {
  convolution(node: BlockNode, input: string, numbers: FusedConvolution): string;
  maxPool(node: PoolNode, input: string): string;
  averagePool(node: PoolNode, input: string): string;
  mean(node: GlobalPoolNode, input: string): string;
  flatten(node: FlattenNode, input: string): string;
  dense(node: DenseNode, input: string, numbers: DenseNumbers): string;
  sum(node: AddNode, input: string, other: string): string;
  subsample(node: SubsampleNode, input: string, numbers: KernelNumbers): string;
  squeezeExcite(node: SqueezeExciteNode, input: string, numbers: GateNumbers): string;
  /** What is read in place of a node's output (of `input` too), rounded, say. Default: the output itself. */
  read?(node: string, output: string): string;
}

export type KernelNumbers = Pick<FusedConvolution, 'shape' | 'kernel'>;

/** Of the two dense layers of squeeze and excitation. */
export interface GateNumbers {
  readonly down: DenseNumbers;
  readonly up: DenseNumbers;
}

export type DenseNumbers = NonNullable<ReturnType<FusedNetwork['dense']['get']>>;

/**
 * Writes the nodes of a fused network one after another. Dropout is none of them: it does nothing at inference.
 *
 * @returns the name of what holds the network's output
 * @throws Error when a node reads what no node before it gives, or numbers are missing
 */
export function writeNodes(network: FusedNetwork, format: NodeFormat): string {
  const { nodes } = network.graph;
  const read = (node: string, output: string): string => format.read?.(node, output) ?? output;
  const outputs = new Map<string, string>([['input', read('input', 'input')]]);
  const found = (name: string): string => {
    const output = outputs.get(name);
    if (output === undefined) throw new Error(`a node reads '${name}', which no node before it gives`);
    return output;
  };
  let last = found('input');
  for (const [at, node] of nodes.entries()) {
    last = write(network, format, node, found);
    // The network's output is never rounded, nor a value twice.
    const asItIs = at === nodes.length - 1 || node.kind === 'dropout';
    outputs.set(node.name, asItIs ? last : read(node.name, last));
  }
  return last;
}

function write(network: FusedNetwork, format: NodeFormat, node: GraphNode, found: (name: string) => string): string {
  const input = found(node.input);
  switch (node.kind) {
    case 'block':
      return format.convolution(node, input, numbersOf(network.convolutions, node.name));
    case 'max-pool':
      return format.maxPool(node, input);
    case 'average-pool':
      return format.averagePool(node, input);
    case 'global-average-pool':
      return format.mean(node, input);
    case 'flatten':
      return format.flatten(node, input);
    case 'dropout':
      return input;
    case 'dense':
      return format.dense(node, input, numbersOf(network.dense, node.name));
    case 'add':
      return format.sum(node, input, found(node.other));
    case 'subsample':
      return format.subsample(node, input, subsampleKernel(node));
    case 'squeeze-excite': {
      const [down, up] = ['down', 'up'].map((layer) => numbersOf(network.dense, `${node.name}.${layer}`));
      return format.squeezeExcite(node, input, { down, up } as GateNumbers);
    }
  }
}

function numbersOf<Numbers>(all: ReadonlyMap<string, Numbers>, name: string): Numbers {
  const numbers = all.get(name);
  if (!numbers) throw new Error(`the fused network has no numbers for node '${name}'`);
  return numbers;
}
