import * as tf from '@tensorflow/tfjs-core';
import {
  type ConvolutionInputGradientAttributes,
  type ConvolutionKernelGradientAttributes,
  KERNELS,
} from '../../../core/ops/index.js';

/**
 * Gradients of ordinary convolutions by TensorFlow's own kernels, on images that are padded our way (the same on both sides);
 * grouped and dilated ones are left to the composed forms.
 */
export interface NativeKernel {
  readonly name: string;
  /** Undefined where the call is left to the composed form. */
  run(inputs: Readonly<Record<string, tf.Tensor>>, attributes: object): tf.Tensor | undefined;
}

type Paddings = [[number, number], [number, number], [number, number], [number, number]];

const paddings = ([height, width]: readonly [number, number]): Paddings => [
  [0, 0],
  [height, height],
  [width, width],
  [0, 0],
];

const isOrdinary = ({ groups, dilation = [1, 1] }: { groups: number; dilation?: readonly [number, number] }): boolean =>
  groups === 1 && dilation[0] === 1 && dilation[1] === 1;

const common = (stride: number) => ({
  strides: [stride, stride] as [number, number],
  pad: 'valid' as const,
  dataFormat: 'NHWC' as const,
});

const kernelGradient: NativeKernel = {
  name: KERNELS.convolutionKernelGradient,
  run: ({ x, dy }, given) => {
    const attributes = given as ConvolutionKernelGradientAttributes;
    if (!isOrdinary(attributes) || !x || !dy) return undefined;
    const { stride, padding, kernelShape } = attributes;
    const padded = tf.pad4d(x as tf.Tensor4D, paddings(padding));
    const filterShape = [...kernelShape] as [number, number, number, number];
    return tf.engine().runKernel(tf.Conv2DBackpropFilter, { x: padded, dy }, { ...common(stride), filterShape });
  },
};

const inputGradient: NativeKernel = {
  name: KERNELS.convolutionInputGradient,
  run: ({ dy, kernel }, given) => {
    const attributes = given as ConvolutionInputGradientAttributes;
    if (!isOrdinary(attributes) || !dy || !kernel) return undefined;
    const { stride, padding, inputShape } = attributes;
    const [images, height, width, channels] = inputShape;
    const padded: [number, number, number, number] = [
      images,
      height + 2 * padding[0],
      width + 2 * padding[1],
      channels,
    ];
    const inputs = { dy, filter: kernel };
    const dx = tf.engine().runKernel<tf.Tensor4D>(tf.Conv2DBackpropInput, inputs, {
      ...common(stride),
      inputShape: padded,
    });
    return tf.slice4d(dx, [0, padding[0], padding[1], 0], [images, height, width, channels]);
  },
};

/** Gradients leave out what convolutions say. */
type TensorflowAttributes = Pick<tf.Conv2DAttrs, 'strides' | 'pad'> & Partial<tf.Conv2DAttrs>;

type Shape = [number, number, number, number];

/** The border that a number or a list asks for, which the package refuses; undefined where the padding has a name. */
function borderOf(input: Shape, filter: Shape, attributes: TensorflowAttributes): Paddings | undefined {
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

const valid = (attributes: object): tf.NamedAttrMap => ({ ...attributes, pad: 'valid' }) as unknown as tf.NamedAttrMap;

/** TensorFlow.js' own convolution and its gradients with an explicit border: padded first. */
const tensorflowConvolutions: readonly NativeKernel[] = [
  {
    name: tf.Conv2D,
    run: ({ x, filter }, attributes) => {
      const border = borderOf(x?.shape as Shape, filter?.shape as Shape, attributes as TensorflowAttributes);
      if (!border || !x || !filter) return undefined;
      return tf.engine().runKernel(tf.Conv2D, { x: tf.pad4d(x as tf.Tensor4D, border), filter }, valid(attributes));
    },
  },
  {
    name: tf.Conv2DBackpropFilter,
    run: ({ x, dy }, attributes) => {
      const given = attributes as TensorflowAttributes & { readonly filterShape: Shape };
      const border = borderOf(x?.shape as Shape, given.filterShape, given);
      if (!border || !x || !dy) return undefined;
      const padded = tf.pad4d(x as tf.Tensor4D, border);
      return tf.engine().runKernel(tf.Conv2DBackpropFilter, { x: padded, dy }, valid(attributes));
    },
  },
  {
    name: tf.Conv2DBackpropInput,
    run: ({ dy, filter }, attributes) => {
      const given = attributes as TensorflowAttributes & { readonly inputShape: Shape };
      const border = borderOf(given.inputShape, filter?.shape as Shape, given);
      if (!border || !dy || !filter) return undefined;
      const inputShape = given.inputShape.map((length, axis) => length + border[axis]![0] + border[axis]![1]);
      const dx = tf
        .engine()
        .runKernel<tf.Tensor4D>(tf.Conv2DBackpropInput, { dy, filter }, valid({ ...attributes, inputShape }));
      return tf.slice4d(dx, [0, border[1][0], border[2][0], 0], given.inputShape);
    },
  },
];

export const kernels: readonly NativeKernel[] = [kernelGradient, inputGradient, ...tensorflowConvolutions];

/** Puts the kernels in the place of the composed forms that a backend has, which take over what is left to them. */
export function registerNativeKernels(backend: string): void {
  for (const { name, run } of kernels) {
    const composed = tf.getKernel(name, backend);
    tf.unregisterKernel(name, backend);
    tf.registerKernel({
      kernelName: name,
      backendName: backend,
      kernelFunc: (call) => {
        const inputs = call.inputs as unknown as Record<string, tf.Tensor>;
        return tf.tidy(() => run(inputs, call.attrs ?? {})) ?? composed.kernelFunc(call);
      },
    });
  }
}
