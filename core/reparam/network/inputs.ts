import type { GraphNode } from '../../contracts/network.js';

/** The names of the nodes whose outputs a node reads. */
export const inputsOf = (node: GraphNode): readonly string[] =>
  node.kind === 'add' ? [node.input, node.other] : [node.input];
