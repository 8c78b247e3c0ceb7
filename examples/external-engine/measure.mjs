import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, registerComposedKernels } from 'repnas/engine';
import { BACKEND, typedLoops } from './typed-loops.js';

const SHAPE = [4, 16, 16, 32];
const ATTRIBUTES = { stride: 1, padding: [0, 0], groups: 1 };
const MACS = 4 * 16 * 16 * 32 * 32;

/** Milliseconds of one pointwise convolution on a backend: the least of ten. */
function milliseconds(backend) {
  const [x, kernel] = [tf.randomNormal(SHAPE, 0, 1, 'float32', 1), tf.randomNormal([1, 1, 32, 32], 0, 1, 'float32', 2)];
  const times = Array.from({ length: 10 }, () => {
    const begin = performance.now();
    const y = tf.engine().runKernel(KERNELS.convolution, { x, kernel }, ATTRIBUTES);
    y.dataSync();
    const time = performance.now() - begin;
    y.dispose();
    return time;
  });
  tf.dispose([x, kernel]);
  const best = Math.min(...times);
  console.log(`${backend}: ${best.toFixed(2)} ms, ${((1e6 * best) / MACS).toFixed(2)} ns a multiply-add`);
}

const session = await typedLoops.start({});
Object.assign(tf.findBackend('cpu'), { firstUse: false });
registerComposedKernels('cpu');
await tf.setBackend('cpu');
milliseconds('cpu');
await tf.setBackend(BACKEND);
milliseconds(BACKEND);
await session.stop();
