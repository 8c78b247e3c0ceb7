import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type TapProductAttributes } from '../../../../core/ops/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { addProducts } from '../matrix.js';
import { sizeOf } from './geometry.js';
import { kernel } from './register.js';
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
const tapOf = (values: Float32Array, tap: number, rows: number, columns: number) => ({
  values,
  start: tap * rows * columns,
  stride: columns,
});

const forward = kernel<Inputs, TapProductAttributes>(KERNELS.tapProduct, (backend, inputs) => {
  const { taps, channels, inner, outputs, first, second } = read(backend, KERNELS.tapProduct, inputs);
  const y = backend.output([taps * channels, outputs]);
  y.values.fill(0);
  const a = tapOf(first, 0, channels, inner);
  addProducts(backend, (add) => {
    for (let tap = 0; tap < taps; tap++) {
      const b = tapOf(second, tap, inner, outputs);
      add([channels, inner, outputs], a, b, tapOf(y.values, tap, channels, outputs), 'neither');
    }
  });
  return y.info;
});

/** Over the taps n with their gradients D_n: dA = Σ D_n·B_nᵀ, dB_n = Aᵀ·D_n. */
const gradient = kernel<Inputs & { readonly dy: tf.TensorInfo }, TapProductAttributes>(
  KERNELS.tapProductGradient,
  (backend, inputs) => {
    const name = KERNELS.tapProductGradient;
    const { taps, channels, inner, outputs, first, second } = read(backend, name, inputs);
    expectRows(name, 'dy', inputs.dy.shape, taps * channels, outputs);
    const dy = backend.floats(inputs.dy, name, 'dy');
    const [dfirst, dsecond] = [backend.output(inputs.first.shape), backend.output(inputs.second.shape)];
    for (const { values } of [dfirst, dsecond]) values.fill(0);
    const a = tapOf(first, 0, channels, inner);
    const da = tapOf(dfirst.values, 0, channels, inner);
    addProducts(backend, (add) => {
      for (let tap = 0; tap < taps; tap++) {
        const d = tapOf(dy, tap, channels, outputs);
        add([channels, outputs, inner], d, tapOf(second, tap, inner, outputs), da, 'b');
        add([inner, channels, outputs], a, d, tapOf(dsecond.values, tap, inner, outputs), 'a');
      }
    });
    return [dfirst.info, dsecond.info];
  },
);

export const tapProducts = [forward, gradient];
