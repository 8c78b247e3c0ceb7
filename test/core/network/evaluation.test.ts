import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type { BranchOp, Chosen, NetworkGraph } from '../../../core/contracts/index.js';
import { BLOCK_EVALUATIONS, type BlockEvaluationName } from '../../../core/network/evaluation/choose.js';
import type { PadStatistics } from '../../../core/network/norm.js';
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

const block = (
  name: string,
  input: string,
  inChannels: number,
  outChannels: number,
  stride: number,
  groups: number,
) => ({
  kind: 'block' as const,
  name,
  input,
  inChannels,
  outChannels,
  kernelSize: 3,
  stride,
  groups,
  activation: 'relu' as const,
  searchable: true,
});

const graph: NetworkGraph = {
  input: [6, 7, 3],
  classes: 3,
  nodes: [
    block('first', 'input', 3, 4, 1, 1),
    block('second', 'first', 4, 4, 1, 2),
    block('third', 'second', 4, 6, 2, 1),
    { kind: 'global-average-pool', name: 'pool', input: 'third' },
    { kind: 'dense', name: 'dense', input: 'pool', inputs: 6, outputs: 3, activation: 'none' },
  ],
};

/** Everything one training step gives: loss, gradients, gate gradients and the running statistics after it. */
async function step(blockEvaluation: BlockEvaluationName, padStatistics: PadStatistics, sharing: number) {
  const spaces = graph.nodes.flatMap((node) =>
    node.kind === 'block'
      ? [
          {
            block: node.name,
            branches: chosen
              .filter(({ definition, options }) => definition.exists(node, options))
              .map(({ definition }) => definition.name),
            always: [],
          },
        ]
      : [],
  );
  const supernet = new Supernet({
    graph,
    spaces,
    branchOps: new Map(chosen.map((op) => [op.definition.name, op])),
    plain: chosen[1] as Chosen<BranchOp>,
    weightSharing: { definition: weightSharings[sharing] as (typeof weightSharings)[number], options: {} },
    padStatistics,
    blockEvaluation,
    dropout: 0,
    random,
  });
  supernet.initialise();
  for (const name of supernet.store.names()) {
    if (supernet.store.role(name) !== 'gamma' && supernet.store.role(name) !== 'beta') continue;
    const stream = random.stream(`test:${name}`);
    supernet.store.write(
      name,
      Float32Array.from({ length: supernet.store.get(name).size }, () => 1 + 0.3 * stream.normal()),
    );
  }
  const pixels = random.stream('pixels');
  const images = Float32Array.from({ length: 4 * 6 * 7 * 3 }, () => pixels.normal());
  const target = Float32Array.from({ length: 12 }, (_, at) => (at % 3 === ((at / 3) | 0) % 3 ? 1 : 0));
  const active = new Map(
    [...supernet.everything()].map(
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

for (const padStatistics of ['batch', 'running'] as const) {
  for (const [sharing, { name }] of weightSharings.entries()) {
    for (const evaluation of BLOCK_EVALUATIONS.filter((other) => other !== 'explicit')) {
      test.serial(
        `${evaluation} gives what explicit gives (padded by ${padStatistics} statistics, sharing ${name})`,
        async (t) => {
          const expected = await step('explicit', padStatistics, sharing);
          const result = await step(evaluation, padStatistics, sharing);
          t.is(result.leaked, 0);
          t.true(Math.abs(result.loss - expected.loss) <= 1e-5);
          const largest = Math.max(...[...expected.found.values()].map((values) => Math.max(...values.map(Math.abs))));
          for (const [parameter, gradient] of expected.found) {
            // Some gradients are zero but for rounding (a constant that the next batch-norm takes off); they may be left out.
            const other = result.found.get(parameter) ?? new Float32Array(gradient.length);
            const apart = Math.max(...gradient.map((value, at) => Math.abs(value - (other[at] ?? Number.NaN))));
            const allowed = 1e-4 * Math.max(...gradient.map(Math.abs)) + 1e-7 * largest;
            t.true(apart <= allowed, `gradient of ${parameter}: ${apart} apart, allowed ${allowed}`);
          }
          for (const [name, gates] of expected.gateGradients) {
            t.true(relativeError(result.gateGradients.get(name) ?? [], gates) <= 1e-4, `gates of ${name}`);
          }
          for (const [statistic, values] of expected.statistics) {
            t.true(relativeError(result.statistics.get(statistic) ?? [], values) <= 1e-4, statistic);
          }
        },
      );
    }
  }
}
