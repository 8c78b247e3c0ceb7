import type { GraphNode, NetworkGraph } from '../../core/contracts/index.js';

/** Names of the nodes whose outputs hold no negative value, whatever the image: those behind a ReLU. */
export function nonNegative(graph: NetworkGraph): ReadonlySet<string> {
  const known = new Set<string>();
  for (const node of graph.nodes) if (isNonNegative(node, known)) known.add(node.name);
  return known;
}

function isNonNegative(node: GraphNode, known: ReadonlySet<string>): boolean {
  switch (node.kind) {
    case 'block':
    case 'dense':
      return node.activation === 'relu' || node.activation === 'relu6';
    case 'add':
      return (
        node.activation === 'relu' || (node.activation === 'none' && known.has(node.input) && known.has(node.other))
      );
    case 'squeeze-excite':
      return node.activation === 'relu' || (node.activation === 'none' && known.has(node.input));
    default:
      return known.has(node.input);
  }
}
