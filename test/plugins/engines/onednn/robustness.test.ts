import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { KERNELS } from '../../../../core/ops/index.js';
import { onednn } from '../../../../plugins/engines/onednn/engine.js';
import type { OneDnnBackend } from '../../../../plugins/engines/onednn/backend.js';
import type { EngineSession } from '../../../../core/contracts/index.js';

const probe = await onednn.probe({});
const serial = probe.available
  ? test.serial
  : (title: string) => test.skip(`${title} (${probe.reason}; ${probe.install})`, () => undefined);

let session: EngineSession;
if (probe.available) {
  test.before(async () => {
    session = await onednn.start({ threads: 2 });
  });
  test.after(() => session.stop());
}

const run = (kernel: string, inputs: object, attributes: object): unknown =>
  tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);

serial('refuses wrong calls before they reach the library', (t) => {
  tf.tidy(() => {
    const x = tf.ones([2, 4, 4, 3]);
    const convolution = { stride: 1, padding: [1, 1], groups: 1 };
    const wrong: [kernel: string, inputs: object, attributes: object, message: RegExp][] = [
      [KERNELS.convolution, { x, kernel: tf.ones([3, 3, 4, 2]) }, convolution, /reads 4 channels/],
      [KERNELS.convolution, { x, kernel: tf.ones([9, 9, 3, 2]) }, convolution, /larger than the padded images/],
      [KERNELS.convolution, { x, kernel: tf.ones([3, 3, 3, 2], 'int32') }, convolution, /kernel is int32/],
      [KERNELS.convolution, { x, kernel: tf.ones([3, 3, 3]) }, convolution, /expected four axes/],
      [KERNELS.convolution, { x, kernel: tf.ones([3, 3, 3, 2]) }, { ...convolution, stride: 0 }, /whole and positive/],
      [KERNELS.convolution, { x, kernel: tf.ones([3, 3, 3, 2]) }, { ...convolution, padding: [-1, 0] }, /not negative/],
      [
        KERNELS.convolutionInputGradient,
        { dy: tf.ones([2, 3, 4, 2]), kernel: tf.ones([3, 3, 3, 2]) },
        { ...convolution, inputShape: [2, 4, 4, 3] },
        /dy has shape/,
      ],
      [
        KERNELS.biasedConvolution,
        { x, kernel: tf.ones([3, 3, 3, 2]), bias: tf.ones([3]) },
        { ...convolution, relu: true },
        /bias has shape/,
      ],
      [KERNELS.maxPool, { x }, { size: 2, stride: 2, padding: 2 }, /padding must be smaller/],
      [
        KERNELS.maxPoolGradient,
        { x, y: tf.ones([2, 2, 2, 3]), dy: tf.ones([2, 2, 2, 4]) },
        { size: 2, stride: 2, padding: 0 },
        /dy has shape/,
      ],
      [
        KERNELS.branchNorm,
        [x, tf.ones([4]), tf.ones([3]), tf.ones([1])],
        { branches: 1, epsilon: 1e-5, relu: true },
        /gamma_0 has shape/,
      ],
      [KERNELS.scaleNorm, { u: x, gamma: tf.ones([2]) }, { epsilon: 1e-5 }, /gamma has shape/],
      [tf.BatchMatMul, { a: tf.ones([2, 3]), b: tf.ones([4, 2]) }, { transposeA: false, transposeB: false }, /inner/],
    ];
    for (const [kernel, inputs, attributes, message] of wrong) {
      t.throws(() => run(kernel, inputs, attributes), { message }, kernel);
    }
  });
});

serial('finds the winners of a pool again where it did not make the maxima itself', (t) => {
  tf.tidy(() => {
    const x = tf.randomNormal([2, 8, 8, 4], 0, 1, 'float32', 1);
    const attributes = { size: 2, stride: 2, padding: 0 };
    const y = run(KERNELS.maxPool, { x }, attributes) as tf.Tensor;
    const foreign = tf.tensor(Float32Array.from(y.dataSync()), y.shape);
    const dy = tf.randomNormal(y.shape, 0, 1, 'float32', 2);
    const [own, again] = [y, foreign].map((given) =>
      (run(KERNELS.maxPoolGradient, { x, y: given, dy }, attributes) as tf.Tensor).dataSync(),
    );
    t.deepEqual(again, own);
  });
});

serial('gives handles and memory back when it stops', async (t) => {
  const backend = tf.backend() as OneDnnBackend;
  tf.tidy(() => tf.add(tf.ones([4096]), tf.ones([4096])).dataSync());
  t.true(backend.primitives.size > 0);
  await session.stop();
  t.is(backend.primitives.size, 0);
  t.is(backend.pool.bytes, 0);
  session = await onednn.start({ threads: 1 });
  t.regex(session.device, /1 thread,/);
});
