import * as tf from '@tensorflow/tfjs-core';
import { conformanceCases } from '../../../../core/engine/conformance/cases.js';
import { type KernelCall, run as runCase } from '../../../../core/engine/conformance/run.js';
import { KERNELS } from '../../../../core/engine/index.js';
import { useCpu } from '../../../core/engine/cpu.js';
import { kernels } from '../../../../plugins/engines/onednn/kernels/index.js';
import { onednn } from '../../../../plugins/engines/onednn/engine.js';
import type { OneDnnBackend } from '../../../../plugins/engines/onednn/backend.js';
import { here, started } from './here.js';

const engine = started();

const run = (kernel: string, inputs: object, attributes: object): unknown =>
  tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);

here('refuses wrong calls before they reach the library', (t) => {
  tf.tidy(() => {
    const x = tf.ones([2, 4, 4, 3]);
    const convolution = { stride: 1, padding: [1, 1], groups: 1 };
    const tensorflow = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] };
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
      [tf.Conv2D, { x, filter: tf.ones([3, 3, 4, 2]) }, tensorflow, /reads 4 channels/],
      [tf.Conv2D, { x, filter: tf.ones([3, 3, 3, 2], 'int32') }, tensorflow, /kernel is int32/],
      [
        tf.Conv2DBackpropFilter,
        { x, dy: tf.ones([2, 3, 4, 2]) },
        { ...tensorflow, filterShape: [3, 3, 3, 2] },
        /dy has shape/,
      ],
      [
        tf.DepthwiseConv2dNativeBackpropInput,
        { dy: tf.ones([2, 4, 4, 5]), filter: tf.ones([3, 3, 3, 2]) },
        { ...tensorflow, inputShape: [2, 4, 4, 3] },
        /dy has shape/,
      ],
      [
        tf.MaxPoolGrad,
        { dy: tf.ones([2, 2, 2, 3]), input: x, output: tf.ones([2, 2, 3, 3]) },
        { filterSize: 2, strides: 2, pad: 'valid' },
        /y has shape/,
      ],
      [tf.BatchMatMul, { a: tf.ones([2, 3]), b: tf.ones([4, 2]) }, { transposeA: false, transposeB: false }, /inner/],
    ];
    for (const [kernel, inputs, attributes, message] of wrong) {
      t.throws(() => run(kernel, inputs, attributes), { message }, kernel);
    }
  });
});

/** The same call with one of its tensors of another type or shape. */
function* mutations({ inputs }: KernelCall): Generator<object> {
  const change = (key: string, tensor: tf.Tensor): object => {
    const entries = Object.entries(inputs).map(([name, { shape, data }]): [string, tf.Tensor] => [
      name,
      name === key ? tensor : tf.tensor(data, [...shape]),
    ]);
    return Array.isArray(inputs) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
  };
  for (const [key, { shape }] of Object.entries(inputs)) {
    yield change(key, tf.ones([...shape], 'int32'));
    yield change(key, tf.ones([...shape, 1]));
    if (shape.length > 0) yield change(key, tf.ones(shape.slice(1)));
    for (const [axis, size] of shape.entries()) {
      yield change(key, tf.ones(shape.map((length, at) => (at === axis ? length + 1 : length))));
      if (size > 0) yield change(key, tf.ones(shape.map((length, at) => (at === axis ? length - 1 : length))));
    }
  }
}

here('lets no call reach the library that the library refuses, however one of its tensors is changed', async (t) => {
  const own = new Set(kernels.map(({ name }) => name));
  const tried = new Set<string>();
  const reached: string[] = [];
  let refused = 0;
  for (const { call, gradients } of conformanceCases()) {
    // One without values has no smaller shape, and does not come to the library.
    if (!own.has(call.kernel) || Object.values(call.inputs).some(({ shape }) => shape.includes(0))) continue;
    for (const each of [call, ...(gradients?.(await runCase(call)) ?? [])]) {
      // The first case of each kernel stands for its other shapes.
      if (tried.has(each.kernel)) continue;
      tried.add(each.kernel);
      tf.tidy(() => {
        for (const inputs of mutations(each)) {
          try {
            run(each.kernel, inputs, each.attributes);
          } catch (error) {
            refused++;
            const { message } = error as Error;
            if (/^oneDNN,/.test(message)) reached.push(`${each.kernel}: ${message}`);
          }
        }
      });
    }
  }
  t.deepEqual(reached, []);
  t.log(`${refused} calls of ${tried.size} kernels refused`);
  t.true(tried.size > 30);
  t.true(refused > 300);
});

here('leaves to TensorFlow.js what the library does not compute', async (t) => {
  const x = tf.randomNormal([2, 6, 6, 3], 0, 1, 'float32', 3) as tf.Tensor4D;
  const filter = tf.randomNormal([3, 3, 3, 4], 0, 1, 'float32', 4) as tf.Tensor4D;
  const compute = () =>
    tf.tidy(() => [
      [...tf.maxPool<tf.Tensor4D>(tf.cast<tf.Tensor4D>(tf.round(x), 'int32'), 2, 2, 'valid').dataSync()],
      [...tf.softmax(tf.tensor2d([[1, 2]])).dataSync()],
      tf.conv2d(tf.zeros<tf.Rank.R4>([0, 6, 6, 3]), filter, 1, 'same').shape,
      [...tf.conv2d(x, filter, 2, 0, 'NHWC', 1, 'ceil').shape],
    ]);
  const found = compute();
  await useCpu();
  t.deepEqual(found, compute());
  await tf.setBackend('onednn');
  tf.dispose([x, filter]);
});

here('finds the winners of a pool again where it did not make the maxima itself', (t) => {
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

here('gives handles and memory back when it stops', async (t) => {
  const backend = tf.backend() as OneDnnBackend;
  tf.tidy(() => tf.add(tf.ones([4096]), tf.ones([4096])).dataSync());
  t.true(backend.primitives.size > 0);
  await engine.session?.stop();
  t.is(backend.primitives.size, 0);
  t.is(backend.pool.bytes, 0);
  engine.session = await onednn.start({ threads: 1 });
  t.regex(engine.session.device, /1 thread,/);
});
