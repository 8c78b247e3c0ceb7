import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type { BlockNode, BranchOp, Chosen, EngineSession } from '../../../../core/contracts/index.js';
import { Branch } from '../../../../core/reparam/network/branch.js';
import { blockEvaluation, estimates, type Method } from '../../../../core/reparam/block-forward/choose.js';
import { ParameterStore } from '../../../../core/reparam/network/parameters.js';
import { gradients } from '../../../../core/engine/index.js';
import { createRandomSource } from '../../../../core/train/random/index.js';
import { branchOps } from '../../../../plugins/branch-ops/index.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { weightSharings } from '../../../../plugins/weight-sharing/index.js';

let session: EngineSession;
test.before(async () => {
  session = await cpu.start({});
});

const node: BlockNode = {
  kind: 'block',
  name: 'block',
  input: 'before',
  inChannels: 4,
  outChannels: 4,
  kernelSize: 3,
  stride: 1,
  groups: 1,
  activation: 'relu',
  searchable: true,
};
const SHAPE: [number, number, number, number] = [4, 32, 32, 4];
const MAP = 4 * tf.util.sizeFromShape(SHAPE);

/** Bytes of one evaluation of a block: what is kept from the forward pass for the backward pass, and the most at any time. */
function measure(method: Method, names: readonly string[]): { kept: number; peak: number; predicted: number } {
  const random = createRandomSource(3);
  const stream = random.stream('values');
  const store = new ParameterStore();
  const sharing = weightSharings.find(({ name }) => name === 'none');
  if (!sharing) throw new Error('there is no weight sharing named none');
  const branches = branchOps
    .filter(({ name }) => names.includes(name))
    .map((definition): Chosen<BranchOp> => ({ definition, options: definition.options.parse({}) }))
    .map((op) => new Branch(node, op, (branch, kernel) => sharing.bind(node, branch, kernel, {})));
  for (const branch of branches) branch.initialise(store, random, 1);
  const images = () =>
    tf.tensor4d(
      Float32Array.from({ length: MAP / 4 }, () => stream.normal()),
      SHAPE,
    );
  const [x, dy] = [images(), images()];
  const gates = tf.ones([branches.length]) as tf.Tensor1D;
  const pass = { node, branches, store, x, gates, padStatistics: 'batch' as const };
  const watched = [x, gates, ...branches.flatMap((branch) => branch.trained()).map((name) => store.get(name))];
  const before = session.memory().bytes;
  session.resetPeak();
  let kept = 0;
  const { value, gradients: found } = gradients(
    () => blockEvaluation(method)(pass),
    watched,
    () => {
      kept = session.memory().bytes - before;
      return tf.clone(dy);
    },
  );
  const peak = session.memory().peakBytes - before;
  tf.dispose([value, x, dy, gates, ...found.filter((gradient) => gradient !== undefined)]);
  const predicted = estimates(pass).get(method)?.kept ?? Number.NaN;
  store.dispose();
  return { kept, peak, predicted: 4 * predicted };
}

const EVERYTHING = branchOps.map(({ name }) => name);
const inMaps = (bytes: number): number => Math.floor(bytes / MAP);

/** Maps of a branch that its backward pass reads: what its batch-norms are given, and what its convolutions are but for the input. */
const KEPT: Readonly<Record<string, number>> = {
  'conv-1x1': 1,
  'conv-kxk': 1,
  'conv-1xk': 1,
  'conv-kx1': 1,
  'conv-1x1-avg': 2,
  'conv-1x1-kxk': 3,
  identity: 0,
};

for (const names of [...EVERYTHING.map((name) => [name]), EVERYTHING]) {
  test.serial(`explicit keeps what the backward pass reads, and the output: ${names.join(', ')}`, (t) => {
    const { kept, predicted } = measure('explicit', names);
    const maps = names.reduce((sum, name) => sum + (KEPT[name] ?? Number.NaN), 0);
    t.is(inMaps(kept), maps + 1);
    t.is(predicted, maps * MAP);
  });
}

test.serial('recompute and moments keep the output alone, however many branches there are', (t) => {
  for (const method of ['recompute', 'moments'] as const) t.is(inMaps(measure(method, EVERYTHING).kept), 1, method);
});

test.serial('recompute never holds more than the largest branch, whatever else there is', (t) => {
  const [largest, all] = [measure('recompute', ['conv-1x1-kxk']), measure('recompute', EVERYTHING)];
  // The sum of the branches, or of what they pull, is one map more.
  t.true(all.peak <= largest.peak + MAP + MAP / 8, `${all.peak / MAP} maps, the largest branch ${largest.peak / MAP}`);
});
