import type * as tf from '@tensorflow/tfjs-core';
import {
  type BiasActivationAttributes,
  type BiasedConvolutionAttributes,
  KERNELS,
} from '../../../../core/engine/kernels.js';
import { convolveBiased } from '../convolution.js';
import { checkConvolution, outputShape } from '../convolution-shape.js';
import { reluGradient } from '../elementwise.js';
import { convolutionOf } from './convolutions.js';
import { sum } from './reductions.js';
import { kernel } from './register.js';
import { expectShape, shape4 } from './shapes.js';

const forward = kernel<{ x: tf.TensorInfo; kernel: tf.TensorInfo; bias: tf.TensorInfo }, BiasedConvolutionAttributes>(
  KERNELS.biasedConvolution,
  (backend, inputs, attributes) => {
    const name = KERNELS.biasedConvolution;
    const convolution = convolutionOf(name, inputs.x.shape, inputs.kernel.shape, attributes);
    checkConvolution(name, convolution);
    expectShape(name, 'bias', inputs.bias.shape, [convolution.kernel[3]]);
    const read = (input: keyof typeof inputs) => backend.floats(inputs[input], name, input);
    const data = [read('x'), read('kernel'), read('bias')] as const;
    const y = backend.output(outputShape(convolution));
    convolveBiased(backend, convolution, attributes.relu, data, inputs.kernel, y.values);
    return y.info;
  },
);

const activationGradient = kernel<{ dy: tf.TensorInfo; y?: tf.TensorInfo }, BiasActivationAttributes>(
  KERNELS.biasActivationGradient,
  (backend, { dy, y }, { relu }) => {
    const name = KERNELS.biasActivationGradient;
    const shape = shape4(name, 'dy', dy.shape);
    const gradient = backend.floats(dy, name, 'dy');
    const [du, dbias] = [backend.output(shape), backend.output([shape[3]])];
    if (relu) {
      if (!y) throw new Error(`${name}: y is missing; with relu it says what was let through`);
      expectShape(name, 'y', y.shape, shape);
      reluGradient(backend, gradient.length).run(backend.floats(y, name, 'y'), gradient, du.values);
    } else du.values.set(gradient);
    sum(backend, du.values, [1, gradient.length / shape[3], shape[3]], dbias.values);
    return [du.info, dbias.info];
  },
);

export const biasedConvolutions = [forward, activationGradient];
