import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type KernelNormAttributes, type MomentWindow } from '../../../../core/engine/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { columnProducts, doubled, scaleColumns } from '../columns.js';
import { Assembled, MomentsGradient, type PatchMoments } from '../kernel-moments.js';
import { multiply, plain } from '../matrix.js';
import { kernelOfProducts } from './register.js';
import { expectRows, expectShape } from './shapes.js';

interface Inputs {
  readonly moments: tf.TensorInfo;
  readonly kernel: tf.TensorInfo;
  readonly gamma: tf.TensorInfo;
}

interface Read {
  readonly patches: PatchMoments;
  readonly weights: Float32Array;
  readonly gamma: Float32Array;
  readonly rows: number;
  readonly outputs: number;
}

function read(backend: OneDnnBackend, name: string, inputs: Inputs, { taps }: MomentWindow): Read {
  const channels = inputs.moments.shape[1] ?? 0;
  const [rows, outputs] = [taps * channels, inputs.kernel.shape.at(-1) ?? 0];
  expectRows(name, 'kernel', inputs.kernel.shape, rows, outputs);
  expectShape(name, 'gamma', inputs.gamma.shape, [outputs]);
  const values = (input: keyof Inputs) => backend.floats(inputs[input], name, input);
  return {
    patches: { values: values('moments'), channels },
    weights: values('kernel'),
    gamma: values('gamma'),
    rows,
    outputs,
  };
}

const forward = kernelOfProducts<Inputs, KernelNormAttributes>(
  KERNELS.kernelNorm,
  (backend, inputs, { window, epsilon }) => {
    const name = KERNELS.kernelNorm;
    const { patches, weights, gamma, rows, outputs } = read(backend, name, inputs, window);
    const [y, moments, product] = [inputs.kernel.shape, [2, outputs], [rows, outputs]].map((shape) =>
      backend.output(shape),
    ) as [
      ReturnType<OneDnnBackend['output']>,
      ReturnType<OneDnnBackend['output']>,
      ReturnType<OneDnnBackend['output']>,
    ];
    const assembled = new Assembled(backend, patches, name);
    assembled.see({ window, kernel: weights, outputs, product: product.values, statistics: moments.values });
    assembled.release();
    const scale = gamma.map(
      (value, output) => value / Math.sqrt((moments.values[outputs + output] as number) + epsilon),
    );
    scaleColumns(backend, weights, scale, y.values);
    return [y.info, moments.info, product.info];
  },
);

interface GradientInputs extends Inputs {
  readonly dy: tf.TensorInfo;
  readonly statistics: tf.TensorInfo;
  readonly product: tf.TensorInfo;
}

/** The formulas stand with the composed form. */
const gradient = kernelOfProducts<GradientInputs, KernelNormAttributes>(
  KERNELS.kernelNormGradient,
  (backend, inputs, { window, epsilon }) => {
    const name = KERNELS.kernelNormGradient;
    const { patches, weights, gamma, rows, outputs } = read(backend, name, inputs, window);
    expectShape(name, 'dy', inputs.dy.shape, inputs.kernel.shape);
    expectShape(name, 'statistics', inputs.statistics.shape, [2, outputs]);
    expectShape(name, 'product', inputs.product.shape, [rows, outputs]);
    const values = (input: keyof GradientInputs) => backend.floats(inputs[input], name, input);
    const [dy, statistics, product] = [values('dy'), values('statistics'), values('product')];
    const [dmoments, dkernel, dgamma] = [
      backend.output(inputs.moments.shape),
      backend.output(inputs.kernel.shape),
      backend.output([outputs]),
    ];
    const [pulled, scale, dvariance, dmean] = [0, 1, 2, 3].map(() => new Float32Array(outputs)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    columnProducts(backend, dy, weights, pulled);
    for (let output = 0; output < outputs; output++) {
      const variance = statistics[outputs + output] as number;
      const inverse = 1 / Math.sqrt(variance + epsilon);
      const own = (pulled[output] as number) * inverse;
      dgamma.values[output] = own;
      scale[output] = (gamma[output] as number) * inverse;
      dvariance[output] = variance > 0 ? -0.5 * own * (scale[output] as number) * inverse : 0;
      dmean[output] = -2 * (statistics[output] as number) * (dvariance[output] as number);
    }
    const assembled = new Assembled(backend, patches, name);
    scaleColumns(backend, dy, scale, dkernel.values);
    scaleColumns(backend, product, doubled(dvariance), dkernel.values, true);
    multiply(backend, [rows, 1, outputs], plain(assembled.meanPatch(window)), plain(dmean), dkernel.values, true);
    assembled.release();
    const through = new MomentsGradient(backend, patches);
    through.add(window, weights, dmean, dvariance);
    through.write(dmoments.values);
    return [dmoments.info, dkernel.info, dgamma.info];
  },
);

export const kernelNorms = [forward, gradient];
