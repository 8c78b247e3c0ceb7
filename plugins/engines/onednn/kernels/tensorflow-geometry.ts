import * as tf from '@tensorflow/tfjs-core';
import { type Convolution, outputShape } from '../convolution-shape.js';
import { type Pooling, pooledShape } from '../pooling.js';
import { isShape4, type Shape4, sizeOf, type Window } from './geometry.js';

type Lengths = number | readonly number[];

/** What TensorFlow.js' convolutions and pools say of their window. */
export interface WindowAttributes {
  readonly strides: Lengths;
  readonly pad: 'valid' | 'same' | number | readonly (readonly [number, number])[];
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: Lengths | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

interface Found {
  readonly outShape: readonly number[];
  readonly padInfo: Readonly<Record<'top' | 'bottom' | 'left' | 'right', number>>;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
}

const windowOf = ({ padInfo, ...found }: Found): Window => ({
  size: [found.filterHeight, found.filterWidth],
  stride: [found.strideHeight, found.strideWidth],
  dilation: [found.dilationHeight, found.dilationWidth],
  before: [padInfo.top, padInfo.left],
  after: [padInfo.bottom, padInfo.right],
});

type ComputeConvolution = typeof tf.backend_util.computeConv2DInfo;
type ComputePool = typeof tf.backend_util.computePool2DInfo;

/**
 * TensorFlow.js' convolution as ours; a depthwise one, whose kernel is `[KH,KW,C,M]`, has a group for each channel. Undefined where
 * the library cannot compute it and TensorFlow.js' own kernel has to: images NCHW, no values at all, places rounded up.
 * @throws Error where the shapes do not fit together.
 */
export function convolutionOf(
  name: string,
  input: readonly number[],
  filter: readonly number[],
  attributes: WindowAttributes,
  depthwise = false,
): Convolution | undefined {
  if (!isShape4(input) || !isShape4(filter))
    throw new Error(`${name}: images [${input}] and kernel [${filter}], expected four axes each`);
  if (attributes.dataFormat === 'NCHW' || sizeOf(input) * sizeOf(filter) === 0) return undefined;
  if (input[3] !== filter[2])
    throw new Error(
      `${name}: the kernel [${filter}] reads ${filter[2]} channels, the images [${input}] have ${input[3]}`,
    );
  const { strides, pad, dilations, dimRoundingMode } = attributes;
  const found: Found = tf.backend_util.computeConv2DInfo(
    [...input],
    [...filter],
    strides as Parameters<ComputeConvolution>[2],
    (dilations ?? 1) as Parameters<ComputeConvolution>[3],
    pad as Parameters<ComputeConvolution>[4],
    dimRoundingMode,
    depthwise,
  );
  const [height, width, inputs, outputs] = filter;
  const kernel: Shape4 = depthwise ? [height, width, 1, inputs * outputs] : filter;
  const convolution = { input, kernel, window: windowOf(found), groups: depthwise ? inputs : 1 };
  return tf.util.arraysEqual([...outputShape(convolution)], [...found.outShape]) ? convolution : undefined;
}

/** TensorFlow.js' pool as ours; undefined where TensorFlow.js' own kernel has to compute it. */
export function poolingOf(
  name: string,
  kind: Pooling['kind'],
  input: readonly number[],
  { strides, pad, filterSize, dimRoundingMode }: WindowAttributes & { readonly filterSize: Lengths },
): Pooling | undefined {
  if (!isShape4(input)) throw new Error(`${name}: images [${input}], expected four axes`);
  if (sizeOf(input) === 0) return undefined;
  const found: Found = tf.backend_util.computePool2DInfo(
    [...input],
    filterSize as Parameters<ComputePool>[1],
    strides as Parameters<ComputePool>[2],
    1,
    pad as Parameters<ComputePool>[4],
    dimRoundingMode,
  );
  const pooling = { kind, input, window: windowOf(found) };
  const { before, after, size } = pooling.window;
  // A window may lie in the border as a whole.
  if ([0, 1].some((axis) => Math.max(before[axis] as number, after[axis] as number) >= (size[axis] as number)))
    return undefined;
  return tf.util.arraysEqual([...pooledShape(pooling)], [...found.outShape]) ? pooling : undefined;
}

export const isFloat = (...tensors: readonly tf.TensorInfo[]): boolean =>
  tensors.every(({ dtype }) => dtype === 'float32');
