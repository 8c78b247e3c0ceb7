import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import type { BlockNode, BranchOp, Chosen } from '../../../../core/contracts/index.js';
import { linear } from '../../../../core/reparam/network/block.js';
import { squeezed } from '../../../../core/reparam/block-forward/merged.js';
import { EPSILON, noNormalise } from '../../../../core/reparam/network/norm.js';
import type { NormNames } from '../../../../core/reparam/network/norm-names.js';
import { plainMap } from '../../../../core/reparam/interpreters/images.js';
import { everyBranch } from '../../../../core/reparam/network/gates.js';
import { Supernet } from '../../../../core/reparam/network/supernet.js';
import { branchNorm, gradients } from '../../../../core/engine/index.js';
import { createRandomSource } from '../../../../core/train/random/index.js';
import { branchOps } from '../../../../plugins/branch-ops/index.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { none } from '../../../../plugins/weight-sharing/none.js';
import { relativeError } from '../../../golden/cases.js';

test.before(async () => {
  await cpu.start({});
});

const shapes = fc.record({
  kernelSize: fc.constantFrom(1, 3, 5),
  stride: fc.integer({ min: 1, max: 3 }),
  groups: fc.constantFrom(1, 2, 4),
  perGroup: fc.integer({ min: 1, max: 3 }),
  widens: fc.boolean(),
  height: fc.integer({ min: 4, max: 8 }),
  width: fc.integer({ min: 4, max: 8 }),
  seed: fc.nat(),
});

type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

function blockOf({ kernelSize, stride, groups, perGroup, widens, height, width, seed }: Shape) {
  const inChannels = groups * perGroup;
  const outChannels = widens ? 2 * inChannels : inChannels;
  const geometry = { name: 'block', inChannels, outChannels, kernelSize, stride, groups };
  const node: BlockNode = { kind: 'block', input: 'input', ...geometry, activation: 'relu', searchable: true };
  const ops = branchOps
    .map((definition): Chosen<BranchOp> => ({ definition, options: definition.options.parse({}) }))
    .filter(({ definition, options }) => definition.exists(node, options));
  const random = createRandomSource(seed);
  const supernet = new Supernet({
    graph: { input: [height, width, inChannels], classes: 1, nodes: [node] },
    spaces: [{ block: 'block', branches: ops.map(({ definition }) => definition.name), always: [] }],
    branchOps: new Map(ops.map((op) => [op.definition.name, op])),
    plain: ops[0] as Chosen<BranchOp>,
    weightSharing: { definition: none, options: {} },
    normPlacement: 'sum',
    padStatistics: 'batch',
    blockEvaluation: 'auto',
    dropout: 0,
    random,
  });
  supernet.initialise();
  for (const name of supernet.store.names()) {
    const stream = random.stream(`test:${name}`);
    const statistics = supernet.store.role(name) === 'statistics';
    const { size } = supernet.store.get(name);
    supernet.store.write(
      name,
      Float32Array.from({ length: size }, () => (statistics ? 0 : 0.5 * stream.normal())),
    );
  }
  return { node, supernet, random, branches: supernet.blocks.branches('block') };
}

test('one squeezed convolution has the output and the gradients of branch by branch, for every op and shape', (t) => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { node, supernet, random, branches } = blockOf(shape);
      const { store } = supernet;
      const norm = supernet.blocks.sumNorm('block') as NormNames;
      const pixels = random.stream('pixels');
      tf.tidy(() => {
        const [height, width, channels] = supernet.graph.input;
        const values = Float32Array.from({ length: 3 * height * width * channels }, () => pixels.normal());
        const x = tf.tensor4d(values, [3, height, width, channels]);
        const gates = tf.tensor1d(branches.map((_, at) => 1 - 0.1 * at));
        const names = supernet.trained(everyBranch(supernet.blocks));
        const watched = [x, gates, ...names.map((name) => store.get(name))];
        const branchByBranch = (): tf.Tensor4D => {
          const maps = branches.map((branch, at) => {
            const map = linear(branch, store, plainMap(x), noNormalise).value as tf.Tensor4D;
            return tf.mul(map, tf.mul(store.get(branch.scale), tf.slice1d(gates, at, 1))) as tf.Tensor4D;
          });
          const affine = [store.get(norm.gamma), store.get(norm.beta)] as unknown as [tf.Tensor1D, tf.Tensor1D];
          const options = { epsilon: EPSILON, relu: true };
          return branchNorm([tf.addN(maps)], [affine[0]], [affine[1]], tf.ones([1]), options).y;
        };
        const pass = { node, branches, store, x, gates, padStatistics: 'batch' } as const;
        const weights = tf.tensor(
          Float32Array.from({ length: branchByBranch().size }, () => pixels.normal()),
          branchByBranch().shape,
        );
        const loss = (y: tf.Tensor) => tf.sum(tf.mul(y, weights)) as tf.Scalar;
        const expected = gradients(() => loss(branchByBranch()), watched);
        const found = gradients(() => loss(squeezed(pass, norm)), watched);
        t.true(relativeError(found.value.dataSync(), expected.value.dataSync()) < 1e-3);
        const largest = Math.max(
          ...expected.gradients.map((gradient) => (gradient ? (tf.max(tf.abs(gradient)).dataSync()[0] ?? 0) : 0)),
        );
        for (const [at, gradient] of expected.gradients.entries()) {
          if (!gradient) continue;
          const other = found.gradients[at] as tf.Tensor;
          const apart = tf.max(tf.abs(tf.sub(gradient, other))).dataSync()[0] as number;
          t.true(apart <= 1e-3 * largest, `${['x', 'gates', ...names][at]}: ${apart} apart, largest ${largest}`);
        }
      });
      supernet.dispose();
    }),
    { numRuns: 60, seed: 1 },
  );
});

test('a block with one batch-norm behind the sum trains one scale a branch and no other batch-norm', (t) => {
  const shape: Shape = {
    kernelSize: 3,
    stride: 1,
    groups: 1,
    perGroup: 3,
    widens: false,
    height: 5,
    width: 5,
    seed: 1,
  };
  const { supernet, branches } = blockOf(shape);
  const norms = supernet.store.names().filter((name) => name.endsWith('.statistics'));
  t.deepEqual(norms, ['block.norm.statistics']);
  t.deepEqual(
    supernet.store.names().filter((name) => name.endsWith('.scale')),
    branches.map(({ name }) => `block.${name}.scale`).sort(),
  );
  supernet.dispose();
});
