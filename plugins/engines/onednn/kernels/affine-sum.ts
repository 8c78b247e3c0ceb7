import type * as tf from '@tensorflow/tfjs-core';
import { type AffineSumAttributes, KERNELS } from '../../../../core/engine/kernels.js';
import { ACCUMULATE, binary, channels, imagesOf, plus } from '../elementwise.js';
import { ALGORITHM } from '../ffi/constants.js';
import { rectify } from '../finite.js';
import { kernel } from './register.js';
import { expectShape, shape4 } from './shapes.js';

/** One pass a branch: the first brings the shift, each other is added to what is there; the activation comes last. */
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
      if (index === 0)
        binary(backend, ALGORITHM.multiply, extent, perChannel, [plus(perChannel)]).run(u, scale, shift, y.values);
      else binary(backend, ALGORITHM.multiply, extent, perChannel, [ACCUMULATE]).run(u, scale, y.values);
    }
    if (relu) rectify(backend, y.values, y.values);
    return y.info;
  },
);

export const affineSums = [forward];
