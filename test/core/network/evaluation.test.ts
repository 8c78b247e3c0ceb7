import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type { BlockNode, BranchOp, Chosen, NetworkGraph, WeightSharing } from '../../../core/contracts/index.js';
import { BLOCK_EVALUATIONS, type BlockEvaluationName } from '../../../core/network/evaluation/choose.js';
import type { PadStatistics } from '../../../core/network/norm.js';
import { everyBranch } from '../../../core/network/active-branches.js';
import { Supernet } from '../../../core/network/supernet.js';
import { createRandomSource } from '../../../core/random/index.js';
import { forwardBackward } from '../../../core/training/step.js';
import { branchOps } from '../../../plugins/branch-ops/index.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { weightSharings } from '../../../plugins/weight-sharing/index.js';
import { relativeError } from '../../golden/cases.js';

test.before(async () => {
  await cpu.start({});
});

const random = createRandomSource(11);
const chosen = branchOps.map((definition): Chosen<BranchOp> => ({ definition, options: definition.options.parse({}) }));

interface Shape {
  readonly size: readonly [height: number, width: number];
  readonly kernelSize: number;
  readonly stride: number;
  readonly groups: number;
  readonly channels: readonly [inputs: number, outputs: number];
  /** Whether the block reads the image itself, which needs no gradient. */
  readonly first?: boolean;
  readonly activation?: 'relu' | 'none';
  /** Default: all that exist. */
  readonly branches?: readonly string[];
}

const SHAPES: readonly Shape[] = [
  { size: [6, 7], kernelSize: 3, stride: 1, groups: 1, channels: [4, 4] },
  { size: [5, 5], kernelSize: 3, stride: 1, groups: 1, channels: [3, 5], first: true },
  { size: [7, 6], kernelSize: 3, stride: 2, groups: 1, channels: [4, 6] },
  { size: [6, 6], kernelSize: 3, stride: 2, groups: 1, channels: [3, 4], first: true },
  { size: [6, 6], kernelSize: 3, stride: 1, groups: 2, channels: [4, 4] },
  { size: [6, 5], kernelSize: 3, stride: 1, groups: 4, channels: [4, 4] },
  { size: [7, 7], kernelSize: 5, stride: 1, groups: 1, channels: [2, 3] },
  { size: [8, 8], kernelSize: 5, stride: 2, groups: 2, channels: [2, 4] },
  { size: [5, 6], kernelSize: 1, stride: 1, groups: 1, channels: [3, 3] },
  { size: [1, 2], kernelSize: 3, stride: 1, groups: 1, channels: [4, 4] },
  { size: [2, 2], kernelSize: 3, stride: 1, groups: 1, channels: [3, 3], activation: 'none' },
  { size: [5, 6], kernelSize: 3, stride: 1, groups: 1, channels: [3, 3], branches: ['conv-1x1', 'identity'] },
  { size: [5, 6], kernelSize: 3, stride: 1, groups: 1, channels: [4, 3], branches: ['conv-1xk', 'conv-kx1'] },
  { size: [5, 6], kernelSize: 3, stride: 1, groups: 1, channels: [3, 4], branches: ['conv-kxk', 'conv-1xk'] },
  { size: [5, 6], kernelSize: 3, stride: 1, groups: 1, channels: [3, 3], branches: ['conv-1x1-avg', 'conv-1x1'] },
  { size: [5, 6], kernelSize: 3, stride: 1, groups: 1, channels: [3, 3], branches: ['conv-1x1-kxk'] },
];

const titleOf = ({ size, kernelSize, stride, groups, channels, first, branches }: Shape): string =>
  `${size.join('x')}, K ${kernelSize}, stride ${stride}, groups ${groups}, ${channels.join(' to ')} channels${first ? ', first' : ''}, ${branches?.join(' + ') ?? 'all branches'}`;

/** A plain convolution, the block in question behind it, and a classifier. */
function graphOf({ size, kernelSize, stride, groups, channels, first, activation = 'relu' }: Shape): NetworkGraph {
  const block = (name: string, input: string, own: Partial<BlockNode>): BlockNode => ({
    kind: 'block',
    name,
    input,
    inChannels: 3,
    outChannels: channels[0],
    kernelSize: 3,
    stride: 1,
    groups: 1,
    activation: 'relu',
    searchable: true,
    ...own,
  });
  const [inChannels, outChannels] = channels;
  return {
    input: [...size, 3],
    classes: 3,
    nodes: [
      ...(first ? [] : [block('stem', 'input', { searchable: false })]),
      block('block', first ? 'input' : 'stem', { inChannels, outChannels, kernelSize, stride, groups, activation }),
      { kind: 'global-average-pool', name: 'pool', input: 'block' },
      { kind: 'dense', name: 'dense', input: 'pool', inputs: outChannels, outputs: 3, activation: 'none' },
    ],
  };
}

interface Setting {
  readonly evaluation: BlockEvaluationName;
  readonly padStatistics: PadStatistics;
  readonly sharing: WeightSharing;
}

/** Everything one training step gives: loss, gradients, gate gradients and the running statistics after it. */
async function step(shape: Shape, { evaluation, padStatistics, sharing }: Setting) {
  const graph = graphOf(shape);
  const node = graph.nodes.find(({ name }) => name === 'block') as BlockNode;
  const branches = chosen
    .filter(({ definition, options }) => definition.exists(node, options))
    .map(({ definition }) => definition.name)
    .filter((name) => shape.branches?.includes(name) ?? true);
  const supernet = new Supernet({
    graph,
    spaces: [{ block: 'block', branches, always: [] }],
    branchOps: new Map(chosen.map((op) => [op.definition.name, op])),
    plain: chosen[1] as Chosen<BranchOp>,
    weightSharing: { definition: sharing, options: {} },
    padStatistics,
    blockEvaluation: evaluation,
    dropout: 0,
    random,
  });
  supernet.initialise();
  for (const name of supernet.store.names()) {
    if (supernet.store.role(name) !== 'gamma' && supernet.store.role(name) !== 'beta') continue;
    const stream = random.stream(`test:${name}`);
    const values = Float32Array.from({ length: supernet.store.get(name).size }, () => 1 + 0.3 * stream.normal());
    supernet.store.write(name, values);
  }
  const pixels = random.stream('pixels');
  const images = Float32Array.from({ length: 4 * 3 * shape.size[0] * shape.size[1] }, () => pixels.normal());
  const target = Float32Array.from({ length: 12 }, (_, at) => (at % 3 === ((at / 3) | 0) % 3 ? 1 : 0));
  const active = new Map(
    [...everyBranch(supernet.blocks)].map(
      ([name, list]) => [name, list.map((entry, at) => ({ ...entry, gate: 1 - 0.1 * at }))] as const,
    ),
  );
  const before = tf.memory().numTensors;
  const { loss, gradients, gateGradients } = await forwardBackward(supernet, { images, target, size: 4 }, active, 0);
  const found = new Map([...gradients].map(([name, gradient]) => [name, gradient.dataSync().slice()] as const));
  tf.dispose([...gradients.values()]);
  const leaked = tf.memory().numTensors - before;
  const statistics = new Map(
    supernet.store
      .names()
      .flatMap((name) =>
        supernet.store.role(name) === 'statistics' ? [[name, supernet.store.read(name)] as const] : [],
      ),
  );
  supernet.dispose();
  return { loss, found, gateGradients, statistics, leaked };
}

const EXACT = BLOCK_EVALUATIONS.filter((other) => other !== 'explicit');

for (const padStatistics of ['batch', 'running'] as const) {
  for (const sharing of weightSharings) {
    // What the statistics are does not depend on the shape: the first one stands for all where the released code is followed.
    for (const shape of padStatistics === 'batch' ? SHAPES : SHAPES.slice(0, 1)) {
      test.serial(
        `gives the same however it is evaluated: ${titleOf(shape)}, padded by ${padStatistics} statistics, sharing ${sharing.name}`,
        async (t) => {
          const expected = await step(shape, { evaluation: 'explicit', padStatistics, sharing });
          const largest = Math.max(...[...expected.found.values()].map((values) => Math.max(...values.map(Math.abs))));
          for (const evaluation of EXACT) {
            const result = await step(shape, { evaluation, padStatistics, sharing });
            t.is(result.leaked, 0, evaluation);
            t.true(Math.abs(result.loss - expected.loss) <= 1e-5, `${evaluation}: loss`);
            for (const [parameter, gradient] of expected.found) {
              // Some gradients are zero but for rounding (a constant that the next batch-norm takes off); they may be left out.
              const other = result.found.get(parameter) ?? new Float32Array(gradient.length);
              const apart = Math.max(...gradient.map((value, at) => Math.abs(value - (other[at] ?? Number.NaN))));
              const allowed = 1e-4 * Math.max(...gradient.map(Math.abs)) + 1e-6 * largest;
              t.true(apart <= allowed, `${evaluation}: gradient of ${parameter}: ${apart} apart, allowed ${allowed}`);
            }
            // The stem's one gate is a scale that the block's batch-norms take off.
            const error = relativeError(
              result.gateGradients.get('block') ?? [],
              expected.gateGradients.get('block') ?? [],
            );
            t.true(error <= 1e-4, `${evaluation}: gates, ${error}`);
            for (const [statistic, values] of expected.statistics) {
              t.true(
                relativeError(result.statistics.get(statistic) ?? [], values) <= 1e-4,
                `${evaluation}: ${statistic}`,
              );
            }
          }
        },
      );
    }
  }
}
