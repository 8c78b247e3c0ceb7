import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type MergedKernelAttributes, type MomentWindow } from '../../../../core/engine/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { columnProducts, doubled, scaleColumns } from '../columns.js';
import { Assembled, MomentsGradient, type PatchMoments } from '../kernel-moments.js';
import { multiply, plain } from '../matrix.js';
import { placeTaps, takenTaps } from '../taps.js';
import { type Affine, addShift, pull, scaleOf } from './merged-statistics.js';
import { kernelOfProducts } from './register.js';
import { expectRows, expectShape } from './shapes.js';

interface OwnBranch extends Affine {
  readonly window: MomentWindow;
  readonly places: readonly (readonly number[])[];
  readonly weights: Float32Array;
  /** Of the weights as they came. */
  readonly shape: readonly number[];
}

interface Read {
  readonly patches: PatchMoments;
  readonly outputs: number;
  readonly branches: readonly OwnBranch[];
}

function read(
  backend: OneDnnBackend,
  name: string,
  inputs: readonly tf.TensorInfo[],
  { size, windows, places }: MergedKernelAttributes,
): Read {
  const count = windows.length;
  const given = (index: number, argument: string): tf.TensorInfo => {
    const tensor = inputs[index];
    if (!tensor) throw new Error(`${name}: ${argument} is missing; ${count} branches need ${3 * count + 2} inputs`);
    return tensor;
  };
  const values = (index: number, argument: string, shape: readonly number[]): Float32Array => {
    const tensor = given(index, argument);
    expectShape(name, argument, tensor.shape, shape);
    return backend.floats(tensor, name, argument);
  };
  const shape = inputs[0]?.shape ?? [];
  const [channels, outputs] = [shape[1] ?? 0, inputs[2]?.shape.at(-1) ?? 0];
  const gates = values(1, 'gates', [count]);
  return {
    patches: { values: values(0, 'moments', shape), channels },
    outputs,
    branches: windows.map((window, index): OwnBranch => {
      const own = places[index] ?? [];
      const outside = own.flat().some((place) => !(Number.isInteger(place) && place >= 0 && place < size ** 2));
      if (own.length !== window.taps || outside)
        throw new Error(`${name}: branch ${index} has ${window.taps} taps, but places ${JSON.stringify(own)}`);
      const label = `kernel_${index}`;
      const weights = given(2 + index, label);
      expectRows(name, label, weights.shape, window.taps * channels, outputs);
      return {
        window,
        places: own,
        weights: backend.floats(weights, name, label),
        shape: weights.shape,
        gamma: values(2 + count + index, `gamma_${index}`, [outputs]),
        beta: values(2 + 2 * count + index, `beta_${index}`, [outputs]),
        gate: gates[index] as number,
      };
    }),
  };
}

const forward = kernelOfProducts<readonly tf.TensorInfo[], MergedKernelAttributes>(
  KERNELS.mergedKernel,
  (backend, inputs, attributes) => {
    const { size, epsilon } = attributes;
    const name = KERNELS.mergedKernel;
    const { patches, outputs, branches } = read(backend, name, inputs, attributes);
    const { channels } = patches;
    const merged = backend.output([size, size, channels, outputs]);
    const shift = backend.output([outputs]);
    for (const { values } of [merged, shift]) values.fill(0);
    const moments = branches.map(() => backend.output([2, outputs]));
    const products = branches.map(({ window }) => backend.output([window.taps * channels, outputs]));
    const assembled = new Assembled(backend, patches, name);
    for (const [index, branch] of branches.entries()) {
      const { window, places, weights } = branch;
      const [statistics, product] = [moments[index]?.values, products[index]?.values] as [Float32Array, Float32Array];
      assembled.see({ window, kernel: weights, outputs, product, statistics });
      const scale = scaleOf(branch, statistics, epsilon);
      addShift(branch, scale, statistics, shift.values);
      placeTaps(backend, weights, scale, places, merged.values);
    }
    assembled.release();
    return [merged.info, shift.info, ...moments.map(({ info }) => info), ...products.map(({ info }) => info)];
  },
);

/** The formulas stand with the composed form. */
const gradient = kernelOfProducts<readonly tf.TensorInfo[], MergedKernelAttributes>(
  KERNELS.mergedKernelGradient,
  (backend, [dyInfo, dshiftInfo, ...rest], attributes) => {
    const { size, epsilon } = attributes;
    const name = KERNELS.mergedKernelGradient;
    const { patches, outputs, branches } = read(backend, name, rest, attributes);
    const { channels } = patches;
    const count = branches.length;
    const saved = (index: number, argument: string, shape: readonly number[]): Float32Array => {
      const tensor = rest[2 + 3 * count + index];
      if (!tensor) throw new Error(`${name}: ${argument} is missing`);
      expectShape(name, argument, tensor.shape, shape);
      return backend.floats(tensor, name, argument);
    };
    if (!dyInfo || !dshiftInfo) throw new Error(`${name}: the gradients of kernel and shift are missing`);
    expectShape(name, 'dy', dyInfo.shape, [size, size, channels, outputs]);
    expectShape(name, 'dshift', dshiftInfo.shape, [outputs]);
    const [dy, dshift] = [backend.floats(dyInfo, name, 'dy'), backend.floats(dshiftInfo, name, 'dshift')];
    const dmoments = backend.output([patches.values.length / channels, channels]);
    const dgates = backend.output([count]);
    const dkernels = branches.map(({ shape }) => backend.output(shape));
    const [dgammas, dbetas] = [
      branches.map(() => backend.output([outputs])),
      branches.map(() => backend.output([outputs])),
    ];
    const assembled = new Assembled(backend, patches, name);
    const through = new MomentsGradient(backend, patches);
    for (const [index, branch] of branches.entries()) {
      const { window, places, weights } = branch;
      const statistics = saved(index, `moments_${index}`, [2, outputs]);
      const product = saved(count + index, `product_${index}`, [window.taps * channels, outputs]);
      const dkernel = dkernels[index]?.values as Float32Array;
      const taps = takenTaps(backend, dy, places, dkernel);
      const pulled = new Float32Array(outputs);
      columnProducts(backend, weights, taps, pulled);
      const [dmean, dvariance] = [new Float32Array(outputs), new Float32Array(outputs)];
      const [dgamma, dbeta] = [dgammas[index]?.values, dbetas[index]?.values] as [Float32Array, Float32Array];
      const pulls = { dmean, dvariance, dgamma, dbeta };
      const scale = scaleOf(branch, statistics, epsilon);
      dgates.values[index] = pull(branch, scale, statistics, epsilon, pulled, dshift, pulls);
      scaleColumns(backend, taps, scale, dkernel);
      scaleColumns(backend, product, doubled(dvariance), dkernel, true);
      const patch = plain(assembled.meanPatch(window));
      multiply(backend, [window.taps * channels, 1, outputs], patch, plain(dmean), dkernel, true);
      through.add(window, weights, dmean, dvariance);
    }
    assembled.release();
    through.write(dmoments.values);
    return [dmoments, dgates, ...dkernels, ...dgammas, ...dbetas].map(({ info }) => info);
  },
);

export const mergedKernels = [forward, gradient];
