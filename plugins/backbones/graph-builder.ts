import type { BlockNode, GraphNode, NetworkGraph } from '../../core/contracts/index.js';

type Without<Node, Keys extends PropertyKey> = Node extends unknown ? Omit<Node, Keys> : never;

/** A node as a backbone writes it: it reads the node before it unless it says otherwise. */
export type NodeDraft = Without<Exclude<GraphNode, BlockNode>, 'input'> & { readonly input?: string };

export interface BlockDraft {
  readonly outChannels: number;
  /** @default 3 */
  readonly kernelSize?: number;
  /** @default 1 */
  readonly stride?: number;
  /** @default 1 */
  readonly groups?: number;
  /** @default 'relu' */
  readonly activation?: 'relu' | 'none';
  /** @default the node before it */
  readonly input?: string;
}

/** Writes a network node by node, keeping track of what each hands on. */
export interface GraphBuilder {
  /** Name of the last node. */
  readonly last: string;
  /** Channels of the last node's output. */
  readonly channels: number;
  add(node: NodeDraft): void;
  /** A convolution with what belongs to it; it is searchable when its kernel is larger than 1x1. */
  block(name: string, draft: BlockDraft): void;
  /** Dropout at the config's rate, and the dense layer that gives the logits. */
  classify(inputs: number): NetworkGraph;
}

export function graphBuilder(
  input: readonly [height: number, width: number, channels: number],
  classes: number,
): GraphBuilder {
  const nodes: GraphNode[] = [];
  const channels = new Map<string, number>([['input', input[2]]]);
  let last = 'input';
  const channelsOf = (name: string): number => {
    const found = channels.get(name);
    if (found === undefined) throw new Error(`no node '${name}' has been written yet`);
    return found;
  };
  const push = (node: GraphNode, outChannels: number): void => {
    nodes.push(node);
    channels.set(node.name, outChannels);
    last = node.name;
  };
  const add = (draft: NodeDraft): void => {
    const node = { input: last, ...draft } as GraphNode;
    push(node, node.kind === 'subsample' ? node.outChannels : channelsOf(node.input));
  };
  return {
    get last() {
      return last;
    },
    get channels() {
      return channelsOf(last);
    },
    add,
    block: (name, { outChannels, kernelSize = 3, stride = 1, groups = 1, activation = 'relu', input: from = last }) => {
      const geometry = { inChannels: channelsOf(from), outChannels, kernelSize, stride, groups };
      push({ kind: 'block', name, input: from, ...geometry, activation, searchable: kernelSize > 1 }, outChannels);
    },
    classify: (inputs) => {
      add({ kind: 'dropout', name: 'dropout' });
      add({ kind: 'dense', name: 'dense', inputs, outputs: classes, activation: 'none' });
      return { input, classes, nodes };
    },
  };
}

/** A channel count times the width multiplier: rounded down to a multiple of `divisor`, and at least that. */
export const widen = (channels: number, width: number, divisor = 1): number =>
  Math.max(1, Math.floor((channels * width) / divisor)) * divisor;
