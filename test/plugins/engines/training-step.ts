import * as tf from '@tensorflow/tfjs-core';
import type { ExecutionContext } from 'ava';
import type { BranchOp, Chosen, Engine, NetworkGraph } from '../../../core/contracts/index.js';
import { everyBranch } from '../../../core/reparam/network/gates.js';
import { Supernet } from '../../../core/reparam/network/supernet.js';
import { createRandomSource } from '../../../core/train/random/index.js';
import { forwardBackward, type TrainingBatch } from '../../../core/train/step.js';
import { branchOps } from '../../../plugins/branch-ops/index.js';
import { none } from '../../../plugins/weight-sharing/none.js';
import { relativeL2 } from '../../golden/cases.js';

const [BATCH, SIDE, CHANNELS, CLASSES] = [8, 8, 8, 3];
const block = { kernelSize: 3, groups: 1, activation: 'relu', searchable: true } as const;

/** Blocks of every branch, at stride 1 and 2, and no maximum that two pixels could share. */
const graph: NetworkGraph = {
  input: [SIDE, SIDE, 3],
  classes: CLASSES,
  nodes: [
    { kind: 'block', name: 'first', input: 'input', inChannels: 3, outChannels: CHANNELS, stride: 1, ...block },
    { kind: 'block', name: 'second', input: 'first', inChannels: CHANNELS, outChannels: CHANNELS, stride: 1, ...block },
    { kind: 'block', name: 'third', input: 'second', inChannels: CHANNELS, outChannels: 12, stride: 2, ...block },
    { kind: 'global-average-pool', name: 'pool', input: 'third' },
    { kind: 'dense', name: 'dense', input: 'pool', inputs: 12, outputs: CLASSES, activation: 'none' },
  ],
};

const ops = new Map(
  branchOps.map((definition) => [
    definition.name,
    { definition, options: definition.options.parse({}) } as Chosen<BranchOp>,
  ]),
);

export function smallSupernet(): Supernet {
  const spaces = graph.nodes.flatMap((node) => {
    if (node.kind !== 'block') return [];
    const branches = [...ops].filter(([, { definition, options }]) => definition.exists(node, options));
    return [{ block: node.name, branches: branches.map(([name]) => name), always: [] }];
  });
  const supernet = new Supernet({
    graph,
    spaces,
    branchOps: ops,
    plain: ops.get('conv-kxk') as Chosen<BranchOp>,
    weightSharing: { definition: none, options: {} },
    padStatistics: 'batch',
    blockEvaluation: 'explicit',
    dropout: 0,
    random: createRandomSource(3),
  });
  supernet.initialise();
  return supernet;
}

export function smallBatch(): TrainingBatch {
  const random = createRandomSource(4).stream('images');
  const images = Float32Array.from({ length: BATCH * SIDE * SIDE * 3 }, () => random.normal());
  const target = new Float32Array(BATCH * CLASSES);
  for (let row = 0; row < BATCH; row++) target[row * CLASSES + (row % CLASSES)] = 1;
  return { images, target, size: BATCH };
}

export interface Step {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Loss and gradients of the first step of a small network on an engine. */
export async function firstStep<Options>(engine: Engine<Options>, options: Options): Promise<Step> {
  const session = await engine.start(options);
  const supernet = smallSupernet();
  const { loss, gradients } = await forwardBackward(supernet, smallBatch(), everyBranch(supernet.blocks), 0);
  const read = await Promise.all(
    [...gradients].map(async ([name, gradient]) => [name, Float32Array.from(await gradient.data())] as const),
  );
  tf.dispose([...gradients.values()]);
  supernet.dispose();
  await session.stop();
  return { loss, gradients: new Map(read) };
}

/** Loss within 1e-5, every gradient within 1e-4 in relative L2. */
export function sameStep(t: ExecutionContext, { loss, gradients }: Step, reference: Step): void {
  t.true(Math.abs(loss - reference.loss) <= 1e-5, `loss ${loss}, expected ${reference.loss}`);
  t.deepEqual([...gradients.keys()], [...reference.gradients.keys()]);
  const count = [...reference.gradients.values()].reduce((sum, values) => sum + values.length, 0);
  t.true(count > 1000);
  // A gradient that is zero but for rounding has no direction to compare.
  const rounding = 1e-6 * Math.hypot(...[...reference.gradients.values()].map((values) => Math.hypot(...values)));
  for (const [name, expected] of reference.gradients) {
    const found = gradients.get(name) ?? [];
    const size = Math.hypot(...expected);
    const error = relativeL2(found, expected);
    t.true(error <= 1e-4 || size * error <= rounding, `${name}: relative L2 ${error}`);
  }
}
