import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import fc from 'fast-check';
import type { BranchOp, Chosen, NormPlacement } from '../../../../core/contracts/index.js';
import { certify, refusal } from '../../../../core/reparam/certificate/certificate.js';
import { FusedModel, fuseNetwork } from '../../../../core/reparam/network/fuse.js';
import { everyBranch } from '../../../../core/reparam/network/gates.js';
import { UnfusedModel } from '../../../../core/reparam/network/unfused-model.js';
import { Supernet } from '../../../../core/reparam/network/supernet.js';
import { createRandomSource } from '../../../../core/train/random/index.js';
import { branchOps } from '../../../../plugins/branch-ops/index.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { exact } from '../../../../plugins/fusers/exact.js';
import { weightSharings } from '../../../../plugins/weight-sharing/index.js';

test.before(async () => {
  await cpu.start({});
});

const chosen = branchOps.map((definition): Chosen<BranchOp> => ({ definition, options: definition.options.parse({}) }));
const fuser = { definition: exact, options: {} };
const metadata = { classes: [], normalisation: { mean: [], deviation: [] }, architecture: {}, certificate: {} };

interface Case {
  readonly kernelSize: number;
  readonly stride: number;
  readonly groups: number;
  readonly perGroup: number;
  readonly widens: boolean;
  readonly height: number;
  readonly width: number;
  readonly subset: number;
  readonly sharing: number;
  /** @default 'branches' */
  readonly placement?: NormPlacement;
  readonly seed: number;
}

const cases = fc.record<Case>({
  kernelSize: fc.constantFrom(1, 3, 5, 7),
  stride: fc.integer({ min: 1, max: 3 }),
  groups: fc.constantFrom(1, 2, 3),
  perGroup: fc.integer({ min: 1, max: 3 }),
  widens: fc.boolean(),
  height: fc.integer({ min: 4, max: 9 }),
  width: fc.integer({ min: 4, max: 9 }),
  subset: fc.integer({ min: 1, max: 2 ** branchOps.length - 1 }),
  sharing: fc.constantFrom(0, 1),
  placement: fc.constantFrom('branches', 'sum'),
  seed: fc.nat(),
});

/** A block with a subset of the branches that exist for it, its numbers and running statistics random. */
function blockOf(given: Case): Supernet | undefined {
  const { kernelSize, stride, groups, perGroup, widens, height, width, subset, sharing, placement, seed } = given;
  const inChannels = groups * perGroup;
  const geometry = { inChannels, outChannels: widens ? 2 * inChannels : inChannels, kernelSize, stride, groups };
  const node = {
    kind: 'block' as const,
    name: 'block',
    input: 'input',
    ...geometry,
    activation: 'relu' as const,
    searchable: true,
  };
  const present = chosen.filter(
    ({ definition, options }, at) => (subset >> at) & 1 && definition.exists(node, options),
  );
  if (present.length === 0) return undefined;
  const random = createRandomSource(seed);
  const supernet = new Supernet({
    graph: { input: [height, width, inChannels], classes: 1, nodes: [node] },
    spaces: [{ block: 'block', branches: present.map(({ definition }) => definition.name), always: [] }],
    branchOps: new Map(present.map((op) => [op.definition.name, op])),
    plain: present[0] as Chosen<BranchOp>,
    weightSharing: { definition: weightSharings[sharing] as (typeof weightSharings)[number], options: {} },
    normPlacement: placement,
    padStatistics: 'batch',
    blockEvaluation: 'auto',
    dropout: 0,
    random,
  });
  supernet.initialise();
  for (const name of supernet.store.names()) {
    const stream = random.stream(`test:${name}`);
    const { size } = supernet.store.get(name);
    const statistics = supernet.store.role(name) === 'statistics';
    const values = Float32Array.from({ length: size }, (_, at) =>
      statistics && at >= size / 2 ? 0.2 + 2 * stream.uniform() : stream.normal(),
    );
    supernet.store.write(name, values);
  }
  return supernet;
}

function batchFor(supernet: Supernet, seed: number): { images: Float32Array; size: number } {
  const [height, width, channels] = supernet.graph.input;
  const stream = createRandomSource(seed).stream('images');
  return { images: Float32Array.from({ length: 2 * height * width * channels }, () => stream.normal()), size: 2 };
}

test('every subset of branches folds into one convolution: any kernel, stride, groups, size and statistics', async (t) => {
  let blocks = 0;
  await fc.assert(
    fc.asyncProperty(cases, async (given) => {
      const supernet = blockOf(given);
      if (!supernet) return;
      blocks++;
      const fused = new FusedModel(fuseNetwork(supernet, fuser, metadata));
      const [height, width, channels] = supernet.graph.input;
      const { images, size } = batchFor(supernet, given.seed);
      const unfused = new UnfusedModel(supernet);
      // The second pass takes the shift that the first one made.
      const errors = tf.tidy(() => {
        const x = tf.tensor4d(images, [size, height, width, channels]);
        const expected = supernet.infer(x);
        const scale = Math.max(1e-6, tf.max(tf.abs(expected)).dataSync()[0] as number);
        return [fused.infer(x), unfused.infer(x), unfused.infer(x)].map(
          (found) => (tf.max(tf.abs(tf.sub(expected, found))).dataSync()[0] as number) / scale,
        );
      });
      for (const model of [fused, unfused, supernet]) model.dispose();
      for (const error of errors) t.true(error <= 1e-4, `relative errors of the fused and unfused forms: ${errors}`);
    }),
    { numRuns: 300, seed: 1 },
  );
  t.true(blocks > 200);
});

for (const placement of ['branches', 'sum'] as const) {
  test(`a training step leaves running statistics under which a block normalised behind the ${placement} still folds`, async (t) => {
    const given: Case = {
      kernelSize: 3,
      stride: 2,
      groups: 2,
      perGroup: 2,
      widens: true,
      height: 7,
      width: 6,
      subset: 127,
      sharing: 0,
      placement,
      seed: 3,
    };
    const supernet = blockOf(given) as Supernet;
    const batch = batchFor(supernet, 4);
    const [height, width, channels] = supernet.graph.input;
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const active = everyBranch(supernet.blocks);
      const gates = new Map([['block', tf.ones([active.get('block')?.length ?? 0]) as tf.Tensor1D]]);
      supernet.train(tf.tensor4d(batch.images, [batch.size, height, width, channels]), active, gates, 0);
    });
    t.is(tf.memory().numTensors, before);
    const fused = new FusedModel(fuseNetwork(supernet, fuser, metadata));
    t.true((await certify(supernet, fused, [batch], 1e-4)).passed);
  });
}

test('a fused network that differs is refused, and the block named', async (t) => {
  const supernet = blockOf({
    kernelSize: 3,
    stride: 1,
    groups: 1,
    perGroup: 3,
    widens: false,
    height: 5,
    width: 5,
    subset: 127,
    sharing: 1,
    seed: 5,
  }) as Supernet;
  const network = fuseNetwork(supernet, fuser, metadata);
  const { kernel } = network.convolutions.get('block') as { kernel: Float32Array };
  kernel[4] = (kernel[4] as number) + 0.5;
  const certificate = await certify(supernet, new FusedModel(network), [batchFor(supernet, 6)], 1e-4);
  t.false(certificate.passed);
  t.regex(refusal(certificate) ?? '', /block block by \d/);
});

test('numbers that are not finite are refused before anything is compared', (t) => {
  const supernet = blockOf({
    kernelSize: 3,
    stride: 1,
    groups: 1,
    perGroup: 2,
    widens: false,
    height: 5,
    width: 5,
    subset: 2,
    sharing: 1,
    seed: 7,
  }) as Supernet;
  const name = supernet.blocks.branches('block')[0]?.kernelName('kernel') as string;
  supernet.store.write(name, new Float32Array(supernet.store.get(name).size).fill(Number.NaN));
  t.throws(() => fuseNetwork(supernet, fuser, metadata), { message: /block block folds into a kernel with NaN/ });
});
