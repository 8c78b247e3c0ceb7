import * as tf from '@tensorflow/tfjs-core';
import {
  type ConvolutionInputGradientAttributes,
  type ConvolutionKernelGradientAttributes,
  KERNELS,
  type KernelName,
} from '../../../core/ops/index.js';

/**
 * Gradients of ordinary convolutions by TensorFlow's own kernels, on images that are padded our way (the same on both sides);
 * grouped and dilated ones are left to the composed forms.
 */
export interface NativeKernel {
  readonly name: KernelName;
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

export const kernels: readonly NativeKernel[] = [kernelGradient, inputGradient];

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
