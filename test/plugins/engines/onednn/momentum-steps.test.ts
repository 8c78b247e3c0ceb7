import * as tf from '@tensorflow/tfjs-core';
import { values } from '../../../../core/engine/conformance/values.js';
import { KERNELS, momentumSteps } from '../../../../core/engine/index.js';
import type { OneDnnBackend } from '../../../../plugins/engines/onednn/backend.js';
import { here, started } from './here.js';

started();

/** More values than are moved at once, the last of them in a block of their own; and a parameter too small for the library. */
const SIZES = [2 ** 17 + 77, 9000, 9];

const tensors = (seed: number) => SIZES.map((size, index) => tf.tensor(values(seed + index, [size]).data));

for (const nesterov of [false, true])
  for (const weightDecay of [0, 1e-2])
    here(`moves as the kernel for one, nesterov ${nesterov}, weight decay ${weightDecay}`, (t) => {
      tf.tidy(() => {
        const backend = tf.backend() as OneDnnBackend;
        const variables = (seed: number) => tensors(seed).map((tensor) => tf.variable(tensor));
        const [parameters, velocities] = [variables(1), variables(4)];
        const scale = tf.scalar(weightDecay === 0 ? 1 : 0.7);
        const attributes = { learningRate: 0.1, momentum: 0.9, nesterov };
        // The first step takes the arrays for its own, the others write over them.
        for (const step of [1, 2, 3]) {
          const gradients = tensors(10 * step);
          const expected = SIZES.map((_, index) => {
            const [parameter, gradient, velocity] = [parameters, gradients, velocities].map((all) => all[index]);
            const inputs = { parameter, gradient, velocity, scale } as unknown as tf.NamedTensorMap;
            const single = { ...attributes, weightDecay } as unknown as tf.NamedAttrMap;
            return tf.engine().runKernel<tf.Tensor[]>(KERNELS.momentumStep, inputs, single);
          });
          const arrays = parameters.map((parameter) => backend.data.get(parameter.dataId).values);
          momentumSteps(parameters, gradients, velocities, scale, {
            ...attributes,
            weightDecays: SIZES.map(() => weightDecay),
          });
          const stayed = parameters.map((parameter, at) => backend.data.get(parameter.dataId).values === arrays[at]);
          // Whoever read a tensor would be given its array to keep.
          const read = (tensor: tf.Tensor) => {
            const { buffer, byteOffset, byteLength } = backend.floats(tensor, 'test', 'values');
            return Buffer.from(buffer, byteOffset, byteLength);
          };
          for (const [index, [next, moved]] of expected.entries()) {
            t.true(read(parameters[index] as tf.Tensor).equals(read(next as tf.Tensor)), `parameter ${index}`);
            t.true(read(velocities[index] as tf.Tensor).equals(read(moved as tf.Tensor)), `velocity ${index}`);
          }
          t.deepEqual(
            stayed,
            SIZES.map(() => step > 1),
            `step ${step}`,
          );
        }
        tf.dispose([...parameters, ...velocities]);
      });
    });

here('changes nothing that anybody else holds', (t) => {
  tf.tidy(() => {
    const given = Float32Array.of(1, 2, 3);
    const [parameter, velocity] = [tf.variable(tf.tensor(given)), tf.variable(tf.zeros([3]))];
    const step = () =>
      momentumSteps([parameter], [tf.ones([3])], [velocity], tf.scalar(1), {
        learningRate: 1,
        momentum: 0.5,
        nesterov: false,
        weightDecays: [0],
      });
    step();
    const seen = parameter.dataSync();
    t.deepEqual([...given], [1, 2, 3], 'the array that the parameter was made of');
    step();
    t.deepEqual([...seen], [0, 1, 2], 'an array that was read');
    const copy = tf.clone(parameter);
    step();
    t.deepEqual([...copy.dataSync()], [-1.5, -0.5, 0.5], 'a tensor with the same data');
    t.deepEqual([...parameter.dataSync()], [-3.25, -2.25, -1.25]);
    tf.dispose([parameter, velocity]);
  });
});
