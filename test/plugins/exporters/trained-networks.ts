import type { BranchOp, Chosen, NetworkGraph } from '../../../core/contracts/index.js';
import { Supernet } from '../../../core/reparam/network/supernet.js';
import { createRandomSource } from '../../../core/train/random/index.js';
import { branchOps } from '../../../plugins/branch-ops/index.js';
import { none } from '../../../plugins/weight-sharing/none.js';

const chosen = new Map(
  branchOps.map((definition): [string, Chosen<BranchOp>] => [
    definition.name,
    { definition, options: definition.options.parse({}) },
  ]),
);

/** A network with the same branches in every block where they exist, all its numbers random: initial ones hide mistakes. */
export function randomTrained(graph: NetworkGraph, ops: readonly string[]): Supernet {
  const random = createRandomSource(3);
  const spaces = graph.nodes.flatMap((node) => {
    if (node.kind !== 'block' || !node.searchable) return [];
    const branches = ops.filter((op) => {
      const { definition, options } = chosen.get(op) as Chosen<BranchOp>;
      return definition.exists(node, options);
    });
    return [{ block: node.name, branches, always: [] }];
  });
  const supernet = new Supernet({
    graph,
    spaces,
    branchOps: chosen,
    plain: chosen.get('conv-kxk') as Chosen<BranchOp>,
    weightSharing: { definition: none, options: {} },
    padStatistics: 'batch',
    blockEvaluation: 'auto',
    dropout: 0,
    random,
  });
  supernet.blocks.freeze(Object.fromEntries(spaces.map(({ block, branches }) => [block, branches])));
  supernet.initialise();
  for (const name of supernet.store.names()) {
    if (supernet.store.role(name) === 'kernel') continue;
    const stream = random.stream(`test:${name}`);
    const { size } = supernet.store.get(name);
    const variance = (at: number) => supernet.store.role(name) === 'statistics' && at >= size / 2;
    const positive = (at: number) => variance(at) || supernet.store.role(name) === 'gamma';
    const values = Float32Array.from({ length: size }, (_, at) =>
      positive(at) ? 0.5 + stream.uniform() : 0.3 * stream.normal(),
    );
    supernet.store.write(name, values);
  }
  return supernet;
}
