import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import { createOptimizer } from '../../../../core/train/optimizers/index.js';
import { forwardBackward } from '../../../../core/train/step.js';
import type { OneDnnBackend } from '../../../../plugins/engines/onednn/backend.js';
import { onednn } from '../../../../plugins/engines/onednn/engine.js';
import { everyBranch } from '../../../../core/reparam/network/gates.js';
import { smallBatch, smallSupernet } from '../training-step.js';
import { here } from './here.js';

const STEPS = 10_000;
const WARM_UP = 500;
const MEBIBYTE = 2 ** 20;

// What waits for the collector is no growth, nor is what V8 keeps free, which newer versions of Node.js let grow to hundreds of MiB.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const residentNow = (): number => {
  collect();
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  return rss - (heapTotal - heapUsed);
};

here(`memory does not grow over ${STEPS} training steps`, async (t) => {
  const session = await onednn.start({ threads: 1 });
  const backend = tf.backend() as OneDnnBackend;
  const supernet = smallSupernet();
  const active = new Map([...everyBranch(supernet.blocks)].map(([block, branches]) => [block, branches.slice(0, 2)]));
  const options = { name: 'sgd', momentum: 0.9, nesterov: false, decayNormAndBias: false } as const;
  const optimizer = createOptimizer(options, supernet.store);
  const [batch, scale] = [smallBatch(), tf.scalar(1)];
  const measure = () => ({
    tensors: tf.memory().numTensors,
    bytes: session.memory().bytes,
    pool: backend.pool.bytes,
    primitives: backend.primitives.size,
  });
  let before = measure();
  let resident = 0;
  for (let step = 0; step < STEPS; step++) {
    const { loss, gradients } = await forwardBackward(supernet, batch, active, step);
    if (!Number.isFinite(loss)) t.fail(`the loss became ${loss} in step ${step}`);
    optimizer.step(gradients, scale, { learningRate: 0.001, weightDecay: 1e-4 });
    tf.dispose([...gradients.values()]);
    if (step === WARM_UP) [before, resident] = [measure(), residentNow()];
  }
  t.deepEqual(measure(), before);
  const grown = (residentNow() - resident) / MEBIBYTE;
  t.log(`resident set: ${grown.toFixed(1)} MiB more after ${STEPS - WARM_UP} steps`);
  t.true(grown < 32, `${grown} MiB`);
  optimizer.dispose();
  supernet.dispose();
  await session.stop();
});
