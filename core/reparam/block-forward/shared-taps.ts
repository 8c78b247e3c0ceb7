import * as tf from '@tensorflow/tfjs-core';
import type { KernelWindow } from '../../contracts/weight-sharing.js';
import { convolve } from '../../engine/index.js';
import type { ConvolveInput } from '../interpreters/images.js';
import type { BlockForward, BlockPass } from './block-pass.js';
import { normalisedSum } from './explicit.js';
import { type TapGroup, tapGroups } from './tap-groups.js';

/**
 * Like explicit, but if branches use windows of one kernel (kernel-slice sharing), its centre, row, column and corners are
 * each convolved with the input once, and a branch's map is the sum of those that its window is made of.
 */
export const sharedTaps: BlockForward = (pass) => normalisedSum(pass, sharedConvolutions(pass));

/** Kernels that several convolutions of the input may share, by state name, with the windows that are seen of each. */
export function sharedKernels({ branches, node }: Pick<BlockPass, 'branches' | 'node'>): Map<string, Window[]> {
  const size = node.kernelSize;
  const isCentred = ({ top, left, height, width }: KernelWindow): boolean =>
    2 * top + height === size && 2 * left + width === size;
  const sources = branches.flatMap((branch) => [...branch.kernels.keys()].map((kernel) => branch.source(kernel)));
  const byParameter = new Map<string, KernelWindow[]>();
  for (const { parameter, window } of sources)
    byParameter.set(parameter, [...(byParameter.get(parameter) ?? []), window]);
  return new Map([...byParameter].filter(([, windows]) => windows.length > 1 && windows.every(isCentred)));
}

interface Window {
  readonly height: number;
  readonly width: number;
}

/** Convolutions of the block's input by windows of shared kernels; each group of taps is computed when it is first needed. */
function sharedConvolutions(pass: BlockPass): ConvolveInput {
  const { node, store, x } = pass;
  const groups = new Map(
    [...sharedKernels(pass)].map(([parameter, windows]) => [parameter, tapGroups(windows, node.kernelSize)] as const),
  );
  const done = new Map<string, tf.Tensor4D>();
  const part = (parameter: string, group: TapGroup, stride: number): tf.Tensor4D => {
    const key = `${parameter} ${group.taps} ${stride}`;
    const known = done.get(key);
    if (known) return known;
    const kernel = picked(store.get(parameter) as unknown as tf.Tensor4D, group);
    const { dilation, reach: padding } = group;
    const map = convolve(x, kernel, { stride, padding, groups: node.groups, dilation });
    done.set(key, map);
    return map;
  };
  return (branch, kernel, stride) => {
    const { parameter, window } = branch.source(kernel);
    const parts = groups.get(parameter)?.filter(({ reach }) => within(reach, window));
    if (!parts) return undefined;
    const maps = parts.map((group) => part(parameter, group, stride));
    // The identity that some 1x1 kernels add is the input itself.
    if (branch.spec(kernel).identity) {
      if (stride > 1) return undefined;
      maps.push(x);
    }
    return maps.reduce((sum, map) => tf.add(sum, map));
  };
}

const within = ([down, right]: readonly [number, number], { height, width }: Window): boolean =>
  down <= height >> 1 && right <= width >> 1;

/** The taps of a group as a kernel: a product with a matrix of zeros and ones, so that its gradient is one too. */
function picked(kernel: tf.Tensor4D, { taps, height, width }: TapGroup): tf.Tensor4D {
  const [rows, columns, inputs, outputs] = kernel.shape;
  const count = rows * columns;
  if (taps.length === count) return kernel;
  const choice = new Float32Array(taps.length * count);
  for (const [row, tap] of taps.entries()) choice[row * count + tap] = 1;
  const chosen = tf.matMul(tf.tensor2d(choice, [taps.length, count]), tf.reshape(kernel, [count, -1]));
  return tf.reshape(chosen, [height, width, inputs, outputs]) as tf.Tensor4D;
}
