import test from 'ava';
import type { BlockNode, BranchOp, Chosen, RandomSource } from '../../../core/contracts/index.js';
import { fuseNetwork } from '../../../core/reparam/network/fuse.js';
import { Supernet } from '../../../core/reparam/network/supernet.js';
import { branchOps } from '../../../plugins/branch-ops/index.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { exact } from '../../../plugins/fusers/exact.js';
import { none } from '../../../plugins/weight-sharing/none.js';
import { PARAMETERS, published } from './published.js';

test.before(async () => {
  await cpu.start({});
});

/** The numbers are of no interest here, and a hundred million of them would take their time. */
const still: RandomSource = {
  stream: () => ({ uniform: () => 0.5, normal: () => 0.1, integer: () => 0, permutation: () => new Uint32Array() }),
};

const BRANCHES = ['conv-kxk', 'conv-1x1', 'identity'];
const chosen = (name: string): Chosen<BranchOp> => {
  const definition = branchOps.find((op) => op.name === name) as BranchOp;
  return { definition, options: definition.options.parse({}) };
};

const counted = new Map<string, number>();

/** Numbers that a block of RepVGG's branches really has after it was trained apart and folded. */
function fusedNumbers(node: BlockNode): number {
  const { inChannels, outChannels, kernelSize, stride, groups } = node;
  const key = [inChannels, outChannels, kernelSize, stride, groups].join();
  const known = counted.get(key);
  if (known !== undefined) return known;
  const block = { ...node, input: 'input' };
  const ops = BRANCHES.map(chosen).filter(({ definition, options }) => definition.exists(block, options));
  const supernet = new Supernet({
    graph: { input: [8, 8, inChannels], classes: 1, nodes: [block] },
    spaces: [{ block: block.name, branches: ops.map(({ definition }) => definition.name), always: [] }],
    branchOps: new Map(ops.map((op) => [op.definition.name, op])),
    plain: chosen('conv-kxk'),
    weightSharing: { definition: none, options: {} },
    padStatistics: 'batch',
    blockEvaluation: 'auto',
    dropout: 0,
    random: still,
  });
  supernet.initialise();
  const metadata = { classes: [], normalisation: { mean: [], deviation: [] }, architecture: {}, certificate: {} };
  const fused = fuseNetwork(supernet, { definition: exact, options: {} }, metadata).convolutions.get(block.name);
  supernet.dispose();
  const count = (fused?.kernel.length ?? Number.NaN) + (fused?.bias.length ?? Number.NaN);
  counted.set(key, count);
  return count;
}

for (const [name, options, parameters] of PARAMETERS) {
  test.serial(
    `${name} ${Object.values(options).join()}: its blocks, really folded, hold ${parameters} numbers`,
    (t) => {
      const numbers = published(name, options).nodes.map((node) => {
        if (node.kind === 'dense') return (node.inputs + 1) * node.outputs;
        return node.kind === 'block' ? fusedNumbers(node) : 0;
      });
      t.is(
        numbers.reduce((sum, count) => sum + count, 0),
        parameters,
      );
    },
  );
}
