import * as tf from '@tensorflow/tfjs-core';
import { type Borders, padded, type Shape, unpadded } from './borders.js';
import { kernel } from './register.js';

// TensorFlow.js' own convolution and its gradients with a border that a number or a list asks for, which the package refuses
// (a list it takes in the forward pass).

/** Gradients leave out what convolutions say. */
type Attributes = Pick<tf.Conv2DAttrs, 'strides' | 'pad'> & Partial<tf.Conv2DAttrs>;

/** Undefined where the padding has a name. */
function bordersOf(input: Shape, filter: Shape, attributes: Attributes): Borders | undefined {
  const { strides, pad, dilations, dimRoundingMode } = attributes;
  if (typeof pad === 'string') return undefined;
  const info = tf.backend_util.computeConv2DInfo(input, filter, strides, dilations ?? 1, pad, dimRoundingMode);
  const { top, bottom, left, right } = info.padInfo;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

const run = (name: string, inputs: tf.NamedTensorMap, attributes: object): tf.Tensor4D =>
  tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap);

const forward = kernel<{ x: tf.Tensor4D; filter: tf.Tensor4D }, Attributes>(tf.Conv2D, ({ x, filter }, attributes) => {
  const found = Array.isArray(attributes.pad) ? undefined : bordersOf(x.shape, filter.shape, attributes);
  return found && run(tf.Conv2D, { x, filter }, { ...attributes, pad: found });
});

const kernelGradient = kernel<{ x: tf.Tensor4D; dy: tf.Tensor4D }, Attributes & { readonly filterShape: Shape }>(
  tf.Conv2DBackpropFilter,
  ({ x, dy }, attributes) => {
    const found = bordersOf(x.shape, attributes.filterShape, attributes);
    return found && run(tf.Conv2DBackpropFilter, { x: padded(x, found), dy }, { ...attributes, pad: 'valid' });
  },
);

const inputGradient = kernel<{ dy: tf.Tensor4D; filter: tf.Tensor4D }, Attributes & { readonly inputShape: Shape }>(
  tf.Conv2DBackpropInput,
  ({ dy, filter }, attributes) => {
    const found = bordersOf(attributes.inputShape, filter.shape, attributes);
    if (!found) return undefined;
    return unpadded(attributes.inputShape, found, (inputShape) =>
      run(tf.Conv2DBackpropInput, { dy, filter }, { ...attributes, pad: 'valid', inputShape }),
    );
  },
);

export const tensorflowConvolutions = [forward, kernelGradient, inputGradient];
