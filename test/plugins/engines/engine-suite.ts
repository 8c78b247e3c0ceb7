import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type { Engine, EngineSession } from '../../../core/contracts/index.js';
import { checkConformance } from '../../../core/ops/conformance/check.js';
import { gradients } from '../../../core/ops/index.js';

/** What every engine must pass, as tests of the calling file. */
export function testEngine(engine: Engine, options: unknown): void {
  let session: EngineSession;
  test.before(async () => {
    session = await engine.start(options);
  });
  test.after(() => session.stop());

  test.serial('says what it runs on', async (t) => {
    const probe = await engine.probe(options);
    t.true(probe.available);
    t.is(probe.available && probe.device, session.device);
    t.is(tf.getBackend(), session.backend);
    t.true(Object.values(session.versions).every((version) => /^\d/.test(version)));
  });

  test.serial('computes every kernel as the reference does', async (t) => {
    const results = await checkConformance(session.backend);
    t.true(results.length > 200);
    t.deepEqual(
      results.filter(({ passed }) => !passed),
      [],
    );
  });

  test.serial('counts the bytes of tensors, once for each that shares its data, and the most there were', (t) => {
    const { bytes } = session.memory();
    const x = tf.ones([256, 4]);
    const y = tf.reshape(x, [1024]);
    t.is(session.memory().bytes, bytes + 4096);
    tf.tidy(() => tf.sum(tf.add(x, 1)).dataSync());
    t.true(session.memory().peakBytes >= bytes + 2 * 4096);
    tf.dispose([x, y]);
    t.is(session.memory().bytes, bytes);
    session.resetPeak();
    t.is(session.memory().peakBytes, bytes);
  });

  test.serial('keeps less in memory when gradients are taken as the backward pass goes', (t) => {
    const kernels = Array.from({ length: 8 }, () => tf.randomNormal([8, 8], 0, 1, 'float32', 1));
    const x = tf.ones([512, 8]);
    const loss = () => tf.sum(kernels.reduce<tf.Tensor>((y, kernel) => tf.tanh(tf.matMul(y, kernel)), x)) as tf.Scalar;
    const peak = (compute: () => tf.TensorContainer) => {
      session.resetPeak();
      const { bytes } = session.memory();
      tf.tidy(() => {
        compute();
      });
      return session.memory().peakBytes - bytes;
    };
    const all = peak(() => tf.engine().gradients(loss, kernels).grads);
    const own = peak(() => gradients(loss, kernels).gradients as tf.Tensor[]);
    t.true(own < 0.7 * all, `${own} of ${all} bytes`);
    tf.dispose([...kernels, x]);
  });
}
