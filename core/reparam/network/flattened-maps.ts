import type { NetworkGraph } from '../../contracts/network.js';
import { inputsOf } from './inputs.js';
import { shapes } from './shapes.js';

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
