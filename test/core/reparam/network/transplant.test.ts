import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type { BlockNode, BranchOp, Chosen, NormPlacement } from '../../../../core/contracts/index.js';
import { measureStatistics } from '../../../../core/reparam/network/recalibrate.js';
import { everyBranch } from '../../../../core/reparam/network/gates.js';
import { Supernet } from '../../../../core/reparam/network/supernet.js';
import { cutBranches, growBranches } from '../../../../core/reparam/network/transplant.js';
import { createRandomSource } from '../../../../core/train/random/index.js';
import { branchOps } from '../../../../plugins/branch-ops/index.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { exact } from '../../../../plugins/fusers/exact.js';
import { none } from '../../../../plugins/weight-sharing/none.js';

test.before(async () => {
  await cpu.start({});
});

const PLAIN = 'conv-kxk';
const SHAPE = [8, 7, 4] as const;
const IMAGES = 32;

const ops = branchOps.map((definition): Chosen<BranchOp> => ({ definition, options: definition.options.parse({}) }));

function blockOf(stride: number, groups: number, normPlacement: NormPlacement) {
  const random = createRandomSource(9);
  const outChannels = stride === 1 ? 4 : 6;
  const geometry = { name: 'block', inChannels: 4, outChannels, kernelSize: 3, stride, groups };
  const node: BlockNode = { kind: 'block', input: 'input', ...geometry, activation: 'none', searchable: true };
  const present = ops.filter(({ definition, options }) => definition.exists(node, options));
  const names = present.map(({ definition }) => definition.name);
  const supernet = new Supernet({
    graph: { input: SHAPE, classes: 1, nodes: [node] },
    spaces: [{ block: 'block', branches: names, always: [] }],
    branchOps: new Map(present.map((op) => [op.definition.name, op])),
    plain: ops[0] as Chosen<BranchOp>,
    weightSharing: { definition: none, options: {} },
    normPlacement,
    padStatistics: 'batch',
    blockEvaluation: 'explicit',
    dropout: 0,
    random,
  });
  supernet.blocks.freeze({ block: [PLAIN] });
  supernet.initialise();
  for (const name of supernet.store.names()) {
    if (supernet.store.role(name) === 'statistics') continue;
    const stream = random.stream(`test:${name}`);
    supernet.store.write(
      name,
      supernet.store.read(name).map((value) => value + 0.3 * stream.normal()),
    );
  }
  const pixels = random.stream('pixels');
  const length = IMAGES * SHAPE[0] * SHAPE[1] * SHAPE[2];
  const images = Float32Array.from({ length }, () => 1 + 2 * pixels.normal());
  const calibration = async function* () {
    yield { images, size: IMAGES };
  };
  const fuser = { definition: exact, options: {} };
  const operation = { supernet, fuser, calibration, block: 'block', plain: PLAIN };
  return { supernet, operation, names, images, calibration };
}

const largest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, at) => Math.max(most, Math.abs(value - (b[at] as number))), 0);

for (const placement of ['branches', 'sum'] as const) {
  for (const [stride, groups] of [
    [1, 1],
    [2, 1],
    [1, 2],
  ] as const) {
    test.serial(
      `growing and cutting keep the function, at inference exactly and in training nearly: norm behind the ${placement}, stride ${stride}, groups ${groups}`,
      async (t) => {
        const { supernet, operation, names, images, calibration } = blockOf(stride, groups, placement);
        const statistics = () => supernet.statistics(everyBranch(supernet.blocks));
        const evaluate = () =>
          tf.tidy(() => supernet.infer(tf.tensor4d(images, [IMAGES, ...SHAPE])).dataSync() as Float32Array).slice();
        const train = () => {
          const saved = statistics().map((name) => [name, supernet.store.read(name)] as const);
          const y = tf.tidy(() => {
            const active = everyBranch(supernet.blocks);
            const gates = new Map([['block', tf.ones([active.get('block')?.length ?? 0]) as tf.Tensor1D]]);
            return supernet
              .train(tf.tensor4d(images, [IMAGES, ...SHAPE]), active, gates, 0)
              .dataSync()
              .slice();
          });
          for (const [name, values] of saved) supernet.store.write(name, values);
          return y as Float32Array;
        };
        // As if trained for long: the running statistics are those of the images.
        await measureStatistics(supernet, statistics(), calibration());
        const before = { inference: evaluate(), training: train() };
        const scale = Math.max(...before.inference.map(Math.abs));
        const others = names.filter((name) => name !== PLAIN);
        const tensors = tf.memory().numTensors;
        const stored = supernet.store.names().length;
        await growBranches(operation, { block: others }, 0.5);
        t.is(tf.memory().numTensors - tensors, supernet.store.names().length - stored);
        t.deepEqual([...(supernet.blocks.architecture()['block'] ?? [])].sort(), [...names].sort());
        t.true(largest(evaluate(), before.inference) < 2e-5 * scale, 'inference after growing');
        t.true(largest(train(), before.training) < 2e-2 * scale, `training after growing`);
        await cutBranches(operation, { block: others.slice(0, 2) });
        t.true(largest(evaluate(), before.inference) < 2e-5 * scale, 'inference after cutting some');
        await cutBranches(operation, { block: others.slice(2) });
        t.deepEqual(supernet.blocks.architecture(), { block: [PLAIN] });
        t.true(largest(evaluate(), before.inference) < 2e-5 * scale, 'inference after cutting all');
        t.true(largest(train(), before.training) < 2e-2 * scale, 'training after cutting');
        t.is(tf.memory().numTensors, tensors);
        supernet.dispose();
      },
    );
  }
}
