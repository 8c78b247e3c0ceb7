import * as tf from '@tensorflow/tfjs-core';
import type { Correction } from './replace.js';

/** Attributes that describe the window of convolutions, pools and their gradients. */
interface WindowAttributes {
  readonly pad: unknown;
  readonly strides: number | readonly number[];
  readonly dilations?: number | readonly number[] | null;
  readonly filterSize?: number | readonly number[];
  readonly filterShape?: readonly number[];
}

/** Every kernel whose window may have a border of a given number of pixels. */
export const WINDOWED: readonly string[] = [
  tf.Conv2D,
  tf.FusedConv2D,
  tf.Conv2DBackpropInput,
  tf.Conv2DBackpropFilter,
  tf.DepthwiseConv2dNative,
  tf.FusedDepthwiseConv2D,
  tf.DepthwiseConv2dNativeBackpropInput,
  tf.DepthwiseConv2dNativeBackpropFilter,
  tf.MaxPool,
  tf.MaxPoolGrad,
  tf.AvgPool,
  tf.AvgPoolGrad,
];

const pair = (value: number | readonly number[]): readonly [number, number] =>
  typeof value === 'number' ? [value, value] : [value[0] as number, value[1] as number];

/**
 * TensorFlow.js takes the width of an output with numeric padding from the window's height, stride and dilation along the height, so
 * that it is wrong for a window that is not square, and native kernels write past their tensors. A border that is spelled out for each
 * side is counted right.
 */
export const numericPadding: Correction<WindowAttributes> = ({ inputs, attributes }, former) => {
  const { pad, strides, dilations, filterSize, filterShape } = attributes;
  if (typeof pad !== 'number') return undefined;
  const size = filterSize ?? filterShape ?? inputs['filter']?.shape;
  const [height, width] = pair(size as number | readonly number[]);
  const [down, right] = pair(strides);
  const [rows, columns] = pair(dilations ?? 1);
  if (height === width && down === right && rows === columns) return undefined;
  const spelled =
    pad === 0
      ? 'valid'
      : [
          [0, 0],
          [pad, pad],
          [pad, pad],
          [0, 0],
        ];
  return former({ inputs, attributes: { ...attributes, pad: spelled } });
};
