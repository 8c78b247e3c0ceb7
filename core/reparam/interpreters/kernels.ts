import * as tf from '@tensorflow/tfjs-core';
import type { BlockGeometry } from '../../contracts/block.js';
import type { BranchScope, FeatureMap } from '../../contracts/branch-op.js';
import { averagePool, convolve, convolveConstant, dilateKernel, rowsOf, tapProduct } from '../../engine/index.js';
import type { Branch } from '../network/branch.js';
import type { ParameterStore } from '../network/parameters.js';
import type { Window } from '../block-forward/windows.js';

/**
 * A linear map of the block's input as a kernel: `[n·C, O]`, one row for each tap of its window and input channel of a group, or
 * the same values as `[KH,KW,C,O]`.
 */
export interface TracedKernel {
  readonly window: Window;
  readonly value: tf.Tensor;
}

/** A branch's linear part, traced; `constant` as in {@link FeatureMap}. */
export interface Trace {
  readonly kernel: TracedKernel;
  readonly constant?: (() => tf.Tensor1D) | undefined;
}

/** Applies an inner batch-norm to the kernel that leads to it; returns the new kernel and the constant `[O]` that remains. */
export type NormaliseKernel = (
  norm: string,
  kernel: TracedKernel,
  constant: (() => tf.Tensor1D) | undefined,
) => { readonly value: tf.Tensor; readonly constant?: () => tf.Tensor1D };

/** A map inside the traced branch, represented by the linear map from the block's input to it. No images are computed. */
class TracedMap implements FeatureMap {
  readonly kernel: TracedKernel;
  readonly border: number;
  readonly pending: boolean;
  readonly constant?: () => tf.Tensor1D;

  constructor(kernel: TracedKernel, border: number, constant: (() => tf.Tensor1D) | undefined) {
    this.kernel = kernel;
    this.border = border;
    this.pending = border > 0;
    if (constant) this.constant = constant;
  }

  /** The kernel, for the interface's sake; ops pass maps on without looking inside. */
  get value(): tf.Tensor {
    return this.kernel.value;
  }
}

/**
 * Interprets a branch on kernels instead of images: every map in it is linear in the block's input, so a convolution of
 * a map is a product of kernels. Gradients flow through. For branches that are one convolution of the zero-padded input, as every
 * branch that can be folded is. `unchanged` is the identity, `[C/groups, C]`.
 */
export function trace(
  branch: Branch,
  store: ParameterStore,
  unchanged: tf.Tensor2D,
  normaliseKernel: NormaliseKernel,
): Trace {
  const { kernelSize, groups } = branch.block;
  const pixel = { height: 1, width: 1, pooled: false };
  const input = new TracedMap({ window: pixel, value: unchanged }, 0, undefined);
  const scope: BranchScope = {
    block: branch.block,
    options: branch.options,
    kernel: (name) => branch.kernel(store, name),
    convolve: (map, taps, { dilation = 1 } = {}) => {
      const kernel = dilateKernel(taps as tf.Tensor4D, [dilation, dilation]);
      return convolved(map as TracedMap, kernel, map === input, { kernelSize, groups });
    },
    averagePool: (map, size) => pooled(map as TracedMap, size, kernelSize),
    normalise: (name, map, border) => {
      const { kernel, constant: before } = map as TracedMap;
      const { value, constant } = normaliseKernel(name, kernel, before);
      return new TracedMap({ ...kernel, value }, border, constant);
    },
  };
  const { kernel, constant } = branch.op.forward(input, scope) as TracedMap;
  return { kernel, constant };
}

function convolved(
  map: TracedMap,
  kernel: tf.Tensor4D,
  isInput: boolean,
  { kernelSize, groups }: Pick<BlockGeometry, 'kernelSize' | 'groups'>,
): TracedMap {
  const { constant: before } = map;
  const constant = before && (() => convolveConstant(before(), kernel, groups));
  const [height, width] = kernel.shape;
  if (isInput) return new TracedMap({ window: { height, width, pooled: false }, value: kernel }, 0, constant);
  const { window, value } = map.kernel;
  if (height * width === 1 && groups === 1)
    return new TracedMap({ window, value: tf.matMul(rowsOf(value), rowsOf(kernel)) }, 0, constant);
  const first = window.pooled ? unpooled(map.kernel, kernelSize) : map.kernel;
  const isPixel = first.window.height * first.window.width === 1 && groups === 1;
  return new TracedMap(isPixel ? behindPixel(first, kernel) : behindWindow(first, kernel, groups), 0, constant);
}

/** A KxK convolution behind a 1x1 one: tap by tap a product. */
function behindPixel({ value }: TracedKernel, kernel: tf.Tensor4D): TracedKernel {
  const [height, width] = kernel.shape;
  return { window: { height, width, pooled: false }, value: tapProduct(value, kernel) };
}

/** One kernel behind another is their convolution, input channel by input channel. */
function behindWindow(first: TracedKernel, kernel: tf.Tensor4D, groups: number): TracedKernel {
  const [height, width] = kernel.shape;
  const rotated = tf.reverse4d(kernel, [0, 1]);
  const padding = [height - 1, width - 1] as const;
  return fromImages(convolve(asImages(first), rotated, { stride: 1, padding, groups }));
}

function pooled(map: TracedMap, size: number, blockSize: number): TracedMap {
  const { kernel, constant } = map;
  const { window } = kernel;
  if (window.height * window.width === 1 && !window.pooled && size === blockSize && size > 1)
    return new TracedMap({ ...kernel, window: { height: 1, width: 1, pooled: true } }, 0, constant);
  const first = window.pooled ? unpooled(kernel, blockSize) : kernel;
  const mean = averagePool(asImages(first), { size, stride: 1, padding: size - 1 });
  return new TracedMap(fromImages(mean), 0, constant);
}

/** The same kernel with all its taps. */
export function unpooled({ value, window }: TracedKernel, size: number): TracedKernel {
  if (!window.pooled) return { value, window };
  return {
    window: { height: size, width: size, pooled: false },
    value: tf.tile(tf.div(rowsOf(value), size ** 2), [size ** 2, 1]),
  };
}

/** `[C, h, w, O]`: one image for each input channel. */
function asImages({ value, window: { height, width } }: TracedKernel): tf.Tensor4D {
  const taps = tf.reshape(value, [height, width, -1, value.shape.at(-1) as number]) as tf.Tensor4D;
  return tf.transpose(taps, [2, 0, 1, 3]);
}

function fromImages(images: tf.Tensor4D): TracedKernel {
  const [channels, height, width, outputs] = images.shape;
  const value = tf.reshape(tf.transpose(images, [1, 2, 0, 3]), [height * width * channels, outputs]);
  return { window: { height, width, pooled: false }, value };
}
