import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { BLOCK_FORWARD_NAMES } from '../../../../core/reparam/block-forward/choose.js';
import { forwardBackward } from '../../../../core/train/step.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { weightSharings } from '../../../../plugins/weight-sharing/index.js';
import { relativeError } from '../../../golden/cases.js';
import { batchOf, gated, oneBlock, type Setting, SHAPES, type Shape, titleOf } from '../network/one-block.js';

test.before(async () => {
  await cpu.start({});
});

/** Everything one training step gives: loss, gradients, gate gradients and the running statistics after it. */
async function step(shape: Shape, setting: Setting) {
  const supernet = oneBlock(shape, setting);
  const active = gated(supernet);
  const before = tf.memory().numTensors;
  const { loss, gradients, gateGradients } = await forwardBackward(supernet, batchOf(shape), active, 0);
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

const EXACT = BLOCK_FORWARD_NAMES.filter((other) => other !== 'explicit');

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
