import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type { BlockNode, BranchOp, Chosen } from '../../../../core/contracts/index.js';
import { activeBranches, gatesOf } from '../../../../core/reparam/network/gates.js';
import { Supernet } from '../../../../core/reparam/network/supernet.js';
import { createRandomSource } from '../../../../core/train/random/index.js';
import { forwardBackward } from '../../../../core/train/step.js';
import { branchOps } from '../../../../plugins/branch-ops/index.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { logisticRanking } from '../../../../plugins/importance-estimators/logistic-ranking.js';
import { weightSharings } from '../../../../plugins/weight-sharing/index.js';

test.before(async () => {
  await cpu.start({});
});

const random = createRandomSource(11);
const ops = branchOps.map((definition): Chosen<BranchOp> => ({ definition, options: definition.options.parse({}) }));
const names = ops.map(({ definition }) => definition.name);

const block = (name: string, input: string): BlockNode => ({
  kind: 'block',
  name,
  input,
  inChannels: 3,
  outChannels: 3,
  kernelSize: 3,
  stride: 1,
  groups: 1,
  // Without the kinks that a ReLU puts into the loss; that one has a check of its own.
  activation: 'none',
  searchable: true,
});

const spaces = ['first', 'second'].map((name) => ({ block: name, branches: names, always: [] }));
const gates = gatesOf(spaces);

/** Two blocks with all branches on a few images; gives loss and gate gradients for the given gate values. */
function twoBlocks(sharing: (typeof weightSharings)[number]) {
  const supernet = new Supernet({
    graph: {
      input: [5, 6, 3],
      classes: 3,
      nodes: [
        block('first', 'input'),
        block('second', 'first'),
        { kind: 'global-average-pool', name: 'pool', input: 'second' },
        { kind: 'dense', name: 'dense', input: 'pool', inputs: 3, outputs: 3, activation: 'none' },
      ],
    },
    spaces,
    branchOps: new Map(ops.map((op) => [op.definition.name, op])),
    plain: ops[1] as Chosen<BranchOp>,
    weightSharing: { definition: sharing, options: {} },
    padStatistics: 'batch',
    blockEvaluation: 'explicit',
    dropout: 0,
    random,
  });
  supernet.initialise();
  const pixels = random.stream('pixels');
  const images = Float32Array.from({ length: 4 * 5 * 6 * 3 }, () => pixels.normal());
  const target = Float32Array.from({ length: 12 }, (_, at) => (at % 3 === Math.floor(at / 3) % 3 ? 1 : 0));
  return async (mask: Uint8Array, values: Float64Array) => {
    const active = activeBranches(supernet.blocks, gates, { mask, values });
    const { loss, gradients, gateGradients } = await forwardBackward(supernet, { images, target, size: 4 }, active, 0);
    tf.dispose([...gradients.values()]);
    const found = Float64Array.from(gates, (gate) => {
      const at = active.get(gate.block)?.findIndex(({ branch }) => branch.name === gate.branch) ?? -1;
      return at < 0 ? 0 : (gateGradients.get(gate.block)?.[at] ?? 0);
    });
    return { loss, gateGradients: found };
  };
}

/** Half the distance of a central difference: float32's rounding of the loss and the curvature are then alike. */
const STEP = 1e-2;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

for (const sharing of weightSharings) {
  test.serial(`gate gradients are the differences of the loss, α's those of its gate (${sharing.name})`, async (t) => {
    const step = twoBlocks(sharing);
    const mask = Uint8Array.from(gates, (_, at) => (at % 3 === 2 ? 0 : 1));
    const open = Float64Array.from(mask);
    const { gateGradients } = await step(mask, open);
    const importance = logisticRanking.start(gates, logisticRanking.options.parse({ weightDecay: 0 }), random);
    const ranks = importance.rank(random.stream('noise'));
    importance.learn({ ranks, mask, gateGradients, progress: 0, phaseSteps: 1, parameters: undefined as never });
    // Adam's first moment after one step is (1 − β1) times the gradient.
    const learned = (importance.save().arrays['first'] as Float64Array).map((first) => first / 0.5);
    const largest = Math.max(...gateGradients.map(Math.abs));
    t.true(largest > 1e-3);
    for (const [at, kept] of mask.entries()) {
      const loss = async (value: number) =>
        (
          await step(
            mask,
            open.map((z, gate) => (gate === at ? value : z)),
          )
        ).loss;
      if (!kept) {
        t.is(gateGradients[at], 0);
        t.is(learned[at], 0);
        continue;
      }
      const ofGate = ((await loss(1 + STEP)) - (await loss(1 - STEP))) / (2 * STEP);
      t.true(
        Math.abs((gateGradients[at] as number) - ofGate) <= 5e-3 * largest,
        `gate ${at}: ${gateGradients[at]}, ${ofGate}`,
      );
      // z = m + σ(r) − stop_gradient(σ(r)), moved by moving α alone.
      const rank = ranks[at] as number;
      const z = (alpha: number) => 1 + sigmoid(rank + alpha) - sigmoid(rank);
      const far = STEP / (sigmoid(rank) * (1 - sigmoid(rank)));
      if (far > 0.1) continue;
      const ofAlpha = ((await loss(z(far))) - (await loss(z(-far)))) / (2 * far);
      t.true(Math.abs((learned[at] as number) - ofAlpha) <= 5e-3 * largest, `α ${at}: ${learned[at]}, ${ofAlpha}`);
    }
  });
}
