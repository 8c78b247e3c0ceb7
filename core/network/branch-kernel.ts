import * as tf from '@tensorflow/tfjs-core';
import type { BranchScope, ConvolveOptions, FeatureMap } from '../contracts/branch-op.js';
import type { Branch } from './branch.js';
import { dilateKernel } from '../ops/index.js';
import { identityKernel } from './initial.js';
import type { ParameterStore } from './parameters.js';

/** A map inside a branch as what it is of the block's input: one convolution. `value` is its kernel, `[h, w, inputs of a group, C]`. */
interface KernelMap extends FeatureMap {
  /** Rows and columns by which the kernel starts above and left of the pixel it answers for. */
  readonly before: readonly [rows: number, columns: number];
  readonly stride: number;
}

/**
 * The KxK kernel `[K, K, inputs of a group, outputs]` that a branch without batch-norms is equal to, computed from its own
 * kernels and differentiable in them; its cost does not depend on the images. The op's forward pass is carried out on kernels
 * instead of images, so that every op has it.
 * @throws Error when the branch is no convolution that fits into the block's.
 */
export function branchKernel(branch: Branch, store: ParameterStore): tf.Tensor4D {
  const { block, op } = branch;
  const input = theInput(branch);
  const map = op.forward(input, kernelScope(branch, store, input)) as KernelMap;
  const kernel = map.value as tf.Tensor4D;
  const margins = [0, 1].map((axis) => {
    const first = (block.kernelSize >> 1) - (map.before[axis] as number);
    return [first, block.kernelSize - first - (kernel.shape[axis] as number)] as [number, number];
  });
  if (map.stride !== block.stride || margins.flat().some((margin) => margin < 0)) {
    throw new Error(
      `branch op ${branch.name} of block ${block.name} reads more than ${block.kernelSize}x${block.kernelSize} pixels, or has another stride than the block`,
    );
  }
  if (margins.flat().every((margin) => margin === 0)) return kernel;
  return tf.pad4d(kernel, [...margins, [0, 0], [0, 0]] as Parameters<typeof tf.pad4d>[1]);
}

const theInput = ({ block: { inChannels, groups } }: Branch): KernelMap => {
  const spec = { inputs: inChannels / groups, outputs: inChannels };
  const value = tf.tensor4d(identityKernel(spec), [1, 1, spec.inputs, spec.outputs]);
  return { value, border: 0, pending: false, before: [0, 0], stride: 1 };
};

function kernelScope(branch: Branch, store: ParameterStore, input: KernelMap): BranchScope {
  const { block, options } = branch;
  /** Puts a kernel of the given size behind a map. */
  const behind = (
    given: FeatureMap,
    size: readonly [number, number],
    { stride = 1, padding }: ConvolveOptions,
    compose: (first: tf.Tensor4D) => tf.Tensor4D,
  ): KernelMap => {
    const map = given as KernelMap;
    if (map.stride > 1 && Math.max(...size) > 1) {
      throw new Error(
        `branch op ${branch.name} of block ${block.name} has a window behind a stride; put the stride last`,
      );
    }
    const before = size.map((length, axis) => {
      const own = padding?.[axis] ?? Math.max(0, (length >> 1) - map.border);
      return (map.before[axis] as number) + own + map.border;
    });
    return {
      value: compose(map.value as tf.Tensor4D),
      border: 0,
      pending: false,
      before: before as [number, number],
      stride: map.stride * stride,
    };
  };
  return {
    block,
    options,
    kernel: (name) => branch.kernel(store, name),
    convolve: (map, kernel, given = {}) => {
      const { dilation = 1 } = given;
      const second = dilateKernel(kernel as tf.Tensor4D, [dilation, dilation]);
      return behind(map, [second.shape[0], second.shape[1]], given, (first) =>
        map === input ? second : sequence(first, second, block.groups),
      );
    },
    averagePool: (map, size, stride) => behind(map, [size, size], { stride }, (first) => averaged(first, size)),
    // Its scale belongs to the branch, and there is nothing to shift: a border of zeros is all that is left.
    normalise: (_, map, border) => ({ ...map, border: map.border + border }),
  };
}

/** The full convolution of two kernels: one behind the other is one of h1 + h2 − 1 rows. */
function sequence(first: tf.Tensor4D, second: tf.Tensor4D, groups: number): tf.Tensor4D {
  const [height, width, inner, outputs] = second.shape;
  if (groups === 1) {
    const right = tf.reshape(second, [height * width, inner, outputs]) as tf.Tensor3D;
    return overTaps(first, (tap) => {
      const products = tf.matMul(repeated(tf.expandDims(tap, 0), height * width), right);
      return tf.reshape(products, [height, width, tap.shape[0], outputs]) as tf.Tensor4D;
    });
  }
  const right = tapsOf(second).map((tap) => byGroup(tap, groups));
  return overTaps(first, (tap) => {
    const left = byGroup(tap, groups);
    const products = right.map((matrix) => whole(tf.matMul(left, matrix)));
    return tf.reshape(tf.stack(products), [height, width, tap.shape[0], outputs]) as tf.Tensor4D;
  });
}

/** A kernel with a mean over size x size pixels behind it. */
const averaged = (first: tf.Tensor4D, size: number): tf.Tensor4D =>
  overTaps(first, (tap) => {
    const share = tf.expandDims(tf.div(tap, size * size), 0);
    return tf.reshape(repeated(share, size * size), [size, size, ...tap.shape]) as tf.Tensor4D;
  });

/** The same over and over, along the first axis: joining copies whole blocks of memory, which tiling does not. */
const repeated = (tensor: tf.Tensor, times: number): tf.Tensor =>
  times === 1 ? tensor : tf.concat(new Array<tf.Tensor>(times).fill(tensor), 0);

/** What each tap `[inputs, C]` of a kernel becomes, in its place, summed. */
function overTaps(kernel: tf.Tensor4D, become: (tap: tf.Tensor2D) => tf.Tensor4D): tf.Tensor4D {
  const [height, width] = kernel.shape;
  const taps = tapsOf(kernel);
  if (taps.length === 1) return become(taps[0] as tf.Tensor2D);
  const placed = taps.map((tap, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    return tf.pad4d(become(tap), [
      [row, height - 1 - row],
      [column, width - 1 - column],
      [0, 0],
      [0, 0],
    ]);
  });
  return tf.addN(placed);
}

/** The taps of a kernel in row order, `[inputs, C]` each. (TensorFlow.js has no gradient for a list of one.) */
function tapsOf(kernel: tf.Tensor4D): tf.Tensor2D[] {
  const [height, width, inputs, channels] = kernel.shape;
  if (height * width === 1) return [tf.reshape(kernel, [inputs, channels])];
  return tf.unstack(tf.reshape(kernel, [height * width, inputs, channels])) as tf.Tensor2D[];
}

/** `[inputs of a group, outputs]` as one matrix a group, `[groups, inputs of a group, outputs of a group]`. */
function byGroup(matrix: tf.Tensor2D, groups: number): tf.Tensor3D {
  const [inputs, outputs] = matrix.shape;
  if (groups === 1) return tf.reshape(matrix, [1, inputs, outputs]) as tf.Tensor3D;
  return tf.transpose(tf.reshape(matrix, [inputs, groups, outputs / groups]), [1, 0, 2]) as tf.Tensor3D;
}

/** The same backwards. */
function whole(matrices: tf.Tensor3D): tf.Tensor2D {
  const [groups, inputs, outputs] = matrices.shape;
  const joined = groups === 1 ? matrices : tf.transpose(matrices, [1, 0, 2]);
  return tf.reshape(joined, [inputs, groups * outputs]) as tf.Tensor2D;
}
