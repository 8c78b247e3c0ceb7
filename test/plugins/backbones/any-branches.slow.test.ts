import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { createRunContainer } from '../../../core/config/container/plugins.js';
import type { BlockSpace, BranchOp, Chosen, NetworkGraph } from '../../../core/contracts/index.js';
import { certify } from '../../../core/reparam/certificate/certificate.js';
import { FusedModel, fuseNetwork } from '../../../core/reparam/network/fuse.js';
import { everyBranch } from '../../../core/reparam/network/gates.js';
import { Supernet } from '../../../core/reparam/network/supernet.js';
import { createRandomSource } from '../../../core/train/random/index.js';
import { forwardBackward } from '../../../core/train/step.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { exact } from '../../../plugins/fusers/exact.js';
import { kernelSlice } from '../../../plugins/weight-sharing/kernel-slice.js';

const { registry } = await createRunContainer();

test.before(async () => {
  await cpu.start({});
});

const PLAIN = 'conv-kxk';
const SHAPE = [16, 16, 3] as const;

/** Forms of a backbone that differ in more than size. A backbone that is not here is tested in its default form. */
const FORMS: Readonly<Record<string, readonly object[]>> = {
  'cifar-quick': [{}, { kernelSize: 3 }],
  repvgg: [{ variant: 'a0' }, { variant: 'b1g4' }],
  resnet: [{ depth: 20 }, { depth: 50 }],
  vgg: [{ depth: 11 }],
};

const op = (name: string): Chosen<BranchOp> => {
  const definition = registry.part('branch-op', name);
  return { definition, options: definition.options.parse({}) };
};

const names = registry.names('branch-op');

/** Each op beside the plain one, which exists everywhere, all of them, and one random half of them. */
const half = createRandomSource(5).stream('half');
const SETS: readonly (readonly string[])[] = [
  ...names.map((name) => [...new Set([PLAIN, name])]),
  names,
  [PLAIN, ...names.filter((name) => name !== PLAIN && half.uniform() < 0.5)],
];

function supernetOf(graph: NetworkGraph, branches: readonly string[]): Supernet {
  const ops = branches.map(op);
  const spaces = graph.nodes.flatMap((node): BlockSpace[] => {
    if (node.kind !== 'block' || !node.searchable) return [];
    const present = ops.filter(({ definition, options }) => definition.exists(node, options));
    return [{ block: node.name, branches: present.map(({ definition }) => definition.name), always: [] }];
  });
  return new Supernet({
    graph,
    spaces,
    branchOps: new Map(ops.map((one) => [one.definition.name, one])),
    plain: op(PLAIN),
    weightSharing: { definition: kernelSlice, options: {} },
    padStatistics: 'batch',
    blockEvaluation: 'auto',
    dropout: 0,
    random: createRandomSource(1),
  });
}

for (const { part } of registry.parts('backbone')) {
  for (const form of FORMS[part.name] ?? [{}]) {
    const title = [part.name, ...Object.values(form)].join(' ');
    test.serial(`${title} trains and folds with any set of branch ops`, async (t) => {
      const graph = part.build(SHAPE, 3, part.options.parse({ ...form, width: 0.0625 }));
      const pixels = createRandomSource(2).stream('pixels');
      const images = Float32Array.from({ length: 4 * SHAPE[0] * SHAPE[1] * SHAPE[2] }, () => pixels.normal());
      const target = Float32Array.from({ length: 12 }, (_, at) => (at % 4 === 0 ? 1 : 0));
      for (const branches of SETS) {
        const supernet = supernetOf(graph, branches);
        supernet.initialise();
        const batch = { images, target, size: 4 };
        for (let step = 0; step < 2; step++) {
          const { loss, gradients } = await forwardBackward(supernet, batch, everyBranch(supernet.blocks), step);
          t.true(Number.isFinite(loss), branches.join());
          tf.dispose([...gradients.values()]);
        }
        const metadata = { classes: [], normalisation: { mean: [], deviation: [] }, architecture: {}, certificate: {} };
        const model = new FusedModel(fuseNetwork(supernet, { definition: exact, options: {} }, metadata));
        const { blocks } = await certify(supernet, model, [batch], 1e-3);
        const worst = Math.max(...Object.values(blocks).map(({ relativeError }) => relativeError));
        t.true(worst < 1e-4, `${branches.join()}: ${worst}`);
        model.dispose();
        supernet.dispose();
      }
    });
  }
}
