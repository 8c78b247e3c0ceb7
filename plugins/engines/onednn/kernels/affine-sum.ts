import type * as tf from '@tensorflow/tfjs-core';
import { type AffineSumAttributes, KERNELS, type ShiftActivationAttributes } from '../../../../core/ops/kernels.js';
import { ALGORITHM } from '../abi.js';
import { ACCUMULATE, binary, channels, imagesOf, plus, RELU, reluGradient } from '../elementwise.js';
import { sum } from './reductions.js';
import { kernel } from './register.js';
import { expectShape, shape4 } from './shapes.js';

/** One pass a branch: the first brings the shift, each other is added to what is there, the last ends in the activation. */
const forward = kernel<readonly tf.TensorInfo[], AffineSumAttributes>(
  KERNELS.affineSum,
  (backend, inputs, { branches, relu }) => {
    const name = KERNELS.affineSum;
    if (branches < 1 || inputs.length !== 2 * branches + 1)
      throw new Error(`${name}: found ${inputs.length} inputs for ${branches} branches`);
    const shape = shape4(name, 'u_0', inputs[0]?.shape ?? []);
    const [extent, perChannel] = [imagesOf(shape), channels(shape[3])];
    const read = (index: number, argument: string, expected: readonly number[]): Float32Array => {
      const tensor = inputs[index] as tf.TensorInfo;
      expectShape(name, argument, tensor.shape, expected);
      return backend.floats(tensor, name, argument);
    };
    const branch = (index: number) =>
      [read(index, `u_${index}`, shape), read(branches + index, `a_${index}`, [shape[3]])] as const;
    const all = Array.from({ length: branches }, (_, index) => branch(index));
    const shift = read(2 * branches, 'c', [shape[3]]);
    const y = backend.output(shape);
    for (const [index, [u, scale]] of all.entries()) {
      const end = relu && index === branches - 1 ? [RELU] : [];
      if (index === 0)
        binary(backend, ALGORITHM.multiply, extent, perChannel, [plus(perChannel), ...end]).run(
          ...[u, scale, shift, y.values],
        );
      else binary(backend, ALGORITHM.multiply, extent, perChannel, [ACCUMULATE, ...end]).run(u, scale, y.values);
    }
    return y.info;
  },
);

const shiftActivation = kernel<{ u: tf.TensorInfo; shift: tf.TensorInfo }, ShiftActivationAttributes>(
  KERNELS.shiftActivation,
  (backend, { u, shift }, { relu }) => {
    const name = KERNELS.shiftActivation;
    const shape = shape4(name, 'u', u.shape);
    expectShape(name, 'shift', shift.shape, [shape[3]]);
    const [values, shifts] = [backend.floats(u, name, 'u'), backend.floats(shift, name, 'shift')];
    const y = backend.output(shape);
    const operation = binary(backend, ALGORITHM.add, imagesOf(shape), channels(shape[3]), relu ? [RELU] : []);
    operation.run(values, shifts, y.values);
    return y.info;
  },
);

const shiftActivationGradient = kernel<{ dy: tf.TensorInfo; y?: tf.TensorInfo }, ShiftActivationAttributes>(
  KERNELS.shiftActivationGradient,
  (backend, { dy, y }, { relu }) => {
    const name = KERNELS.shiftActivationGradient;
    const shape = shape4(name, 'dy', dy.shape);
    const gradient = backend.floats(dy, name, 'dy');
    const [du, dshift] = [backend.output(shape), backend.output([shape[3]])];
    if (relu) {
      if (!y) throw new Error(`${name}: y is missing; with relu it says what was let through`);
      expectShape(name, 'y', y.shape, shape);
      reluGradient(backend, gradient.length).run(backend.floats(y, name, 'y'), gradient, du.values);
    } else du.values.set(gradient);
    sum(backend, du.values, [1, gradient.length / shape[3], shape[3]], dshift.values);
    return [du.info, dshift.info];
  },
);

export const affineSums = [forward, shiftActivation, shiftActivationGradient];
