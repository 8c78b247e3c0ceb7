import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type TapProductAttributes } from '../../../../core/engine/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { multiply, plain, transposed } from '../matrix.js';
import { sizeOf } from './geometry.js';
import { kernelOfProducts } from './register.js';
import { expectRows } from './shapes.js';

interface Inputs {
  readonly first: tf.TensorInfo;
  readonly second: tf.TensorInfo;
}

interface Read {
  readonly taps: number;
  readonly channels: number;
  readonly inner: number;
  readonly outputs: number;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

function read(backend: OneDnnBackend, name: string, { first, second }: Inputs): Read {
  const [inner, outputs] = [first.shape.at(-1) ?? 0, second.shape.at(-1) ?? 0];
  const taps = Math.ceil(sizeOf(second.shape) / (inner * outputs));
  expectRows(name, 'second', second.shape, taps * inner, outputs);
  return {
    taps,
    channels: sizeOf(first.shape) / inner,
    inner,
    outputs,
    first: backend.floats(first, name, 'first'),
    second: backend.floats(second, name, 'second'),
  };
}

/** The rows of one tap. */
const tapOf = (values: Float32Array, tap: number, size: number): Float32Array =>
  values.subarray(tap * size, (tap + 1) * size);

const forward = kernelOfProducts<Inputs, TapProductAttributes>(KERNELS.tapProduct, (backend, inputs) => {
  const { taps, channels, inner, outputs, first, second } = read(backend, KERNELS.tapProduct, inputs);
  const y = backend.output([taps * channels, outputs]);
  for (let tap = 0; tap < taps; tap++) {
    const [own, to] = [tapOf(second, tap, inner * outputs), tapOf(y.values, tap, channels * outputs)];
    multiply(backend, [channels, inner, outputs], plain(first), plain(own), to);
  }
  return y.info;
});

/** Over the taps n with their gradients D_n: dA = Σ D_n·B_nᵀ, dB_n = Aᵀ·D_n. */
const gradient = kernelOfProducts<Inputs & { readonly dy: tf.TensorInfo }, TapProductAttributes>(
  KERNELS.tapProductGradient,
  (backend, inputs) => {
    const name = KERNELS.tapProductGradient;
    const { taps, channels, inner, outputs, first, second } = read(backend, name, inputs);
    expectRows(name, 'dy', inputs.dy.shape, taps * channels, outputs);
    const dy = backend.floats(inputs.dy, name, 'dy');
    const [dfirst, dsecond] = [backend.output(inputs.first.shape), backend.output(inputs.second.shape)];
    for (let tap = 0; tap < taps; tap++) {
      const d = plain(tapOf(dy, tap, channels * outputs));
      const own = transposed(tapOf(second, tap, inner * outputs));
      multiply(backend, [channels, outputs, inner], d, own, dfirst.values, tap > 0);
      multiply(backend, [inner, channels, outputs], transposed(first), d, tapOf(dsecond.values, tap, inner * outputs));
    }
    return [dfirst.info, dsecond.info];
  },
);

export const tapProducts = [forward, gradient];
