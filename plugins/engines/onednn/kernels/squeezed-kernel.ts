import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type SqueezedKernelAttributes } from '../../../../core/engine/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { sizeOf } from './geometry.js';
import { kernel } from './register.js';
import { expectRows, expectShape } from './shapes.js';

interface OwnBranch {
  readonly places: readonly (readonly number[])[];
  readonly weights: Float32Array;
  /** Of the weights as they came. */
  readonly shape: readonly number[];
  readonly scale: Float32Array;
}

function read(
  backend: OneDnnBackend,
  name: string,
  inputs: readonly tf.TensorInfo[],
  { size, places }: SqueezedKernelAttributes,
): { readonly channels: number; readonly outputs: number; readonly branches: readonly OwnBranch[] } {
  const count = places.length;
  const first = inputs[0]?.shape ?? [];
  const outputs = first.at(-1) ?? 0;
  const channels = sizeOf(first) / (outputs * Math.max(1, places[0]?.length ?? 1));
  const given = (index: number, argument: string): tf.TensorInfo => {
    const tensor = inputs[index];
    if (!tensor) throw new Error(`${name}: ${argument} is missing; ${count} branches need ${2 * count} inputs`);
    return tensor;
  };
  const branches = places.map((own, index): OwnBranch => {
    const outside = own.flat().some((place) => !(Number.isInteger(place) && place >= 0 && place < size ** 2));
    if (outside || own.length === 0)
      throw new Error(
        `${name}: branch ${index} has places ${JSON.stringify(own)}; expected some of 0 to ${size ** 2 - 1}`,
      );
    const [ofKernel, ofScale] = [`kernel_${index}`, `scale_${index}`];
    const [weights, scale] = [given(index, ofKernel), given(count + index, ofScale)];
    expectRows(name, ofKernel, weights.shape, own.length * channels, outputs);
    expectShape(name, ofScale, scale.shape, [outputs]);
    return {
      places: own,
      weights: backend.floats(weights, name, ofKernel),
      shape: weights.shape,
      scale: backend.floats(scale, name, ofScale),
    };
  });
  return { channels, outputs, branches };
}

const forward = kernel<readonly tf.TensorInfo[], SqueezedKernelAttributes>(
  KERNELS.squeezedKernel,
  (backend, inputs, attributes) => {
    const { channels, outputs, branches } = read(backend, KERNELS.squeezedKernel, inputs, attributes);
    const area = channels * outputs;
    const sum = backend.output([attributes.size, attributes.size, channels, outputs]);
    sum.values.fill(0);
    for (const { places, weights, scale } of branches) {
      for (const [tap, own] of places.entries()) {
        for (const place of own) {
          const [from, to] = [tap * area, place * area];
          const share = 1 / own.length;
          for (let at = 0; at < area; at += outputs) {
            for (let output = 0; output < outputs; output++) {
              const more = share * (scale[output] as number) * (weights[from + at + output] as number);
              sum.values[to + at + output] = (sum.values[to + at + output] as number) + more;
            }
          }
        }
      }
    }
    return sum.info;
  },
);

/** The formulas stand with the composed form. */
const gradient = kernel<readonly tf.TensorInfo[], SqueezedKernelAttributes>(
  KERNELS.squeezedKernelGradient,
  (backend, [dyInfo, ...inputs], attributes) => {
    const name = KERNELS.squeezedKernelGradient;
    const { channels, outputs, branches } = read(backend, name, inputs, attributes);
    if (!dyInfo) throw new Error(`${name}: dy is missing`);
    expectShape(name, 'dy', dyInfo.shape, [attributes.size, attributes.size, channels, outputs]);
    const dy = backend.floats(dyInfo, name, 'dy');
    const area = channels * outputs;
    const found = branches.map(({ places, weights, shape, scale }) => {
      const dkernel = backend.output(shape);
      const dscale = backend.output([outputs]);
      const sums = new Float64Array(outputs);
      for (const [tap, own] of places.entries()) {
        const target = tap * area;
        gather(dy, own, area, dkernel.values.subarray(target, target + area));
        for (let at = target; at < target + area; at += outputs) {
          for (let output = 0; output < outputs; output++) {
            const slope = dkernel.values[at + output] as number;
            sums[output] = (sums[output] as number) + slope * (weights[at + output] as number);
            dkernel.values[at + output] = slope * (scale[output] as number);
          }
        }
      }
      dscale.values.set(sums);
      return { dkernel, dscale };
    });
    return [...found.map(({ dkernel }) => dkernel.info), ...found.map(({ dscale }) => dscale.info)];
  },
);

/** The mean over the places of one tap. */
function gather(from: Float32Array, places: readonly number[], area: number, to: Float32Array): void {
  const [first = 0, ...others] = places;
  to.set(from.subarray(first * area, (first + 1) * area));
  if (others.length === 0) return;
  for (const place of others) {
    for (let at = 0; at < area; at++) to[at] = (to[at] as number) + (from[place * area + at] as number);
  }
  for (let at = 0; at < area; at++) to[at] = (to[at] as number) / places.length;
}

export const squeezedKernels = [forward, gradient];
