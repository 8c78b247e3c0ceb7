import * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type KernelName } from '../../../../core/engine/index.js';

// TensorFlow.js' own kernels that its WebAssembly backend lacks, or has slow, so that a model that is none of ours trains too.

/** A kernel in the place of the one that the backend has, if it has one; undefined where that one does better. */
interface Replacement {
  readonly name: string;
  run(inputs: Readonly<Record<string, tf.Tensor>>, attributes: never, before?: Compute): tf.Tensor | undefined;
}

/** What the backend's own kernel gives. */
type Compute = (inputs: Readonly<Record<string, tf.Tensor>>, attributes: object) => tf.Tensor;

type Pair = readonly [height: number, width: number];
type Shape = [number, number, number, number];

/** Gradients leave out what convolutions say. */
type ConvolutionAttributes = Pick<tf.Conv2DAttrs, 'strides' | 'pad'> & Partial<tf.Conv2DAttrs>;

/** Zeros before the first and after the last row, then column. */
type Border = readonly [top: number, bottom: number, left: number, right: number];

interface Geometry {
  readonly stride: number;
  readonly dilation: Pair;
  readonly border: Border;
}

function infoOf(
  input: Shape,
  filter: Shape,
  { strides, dilations, pad, dimRoundingMode }: ConvolutionAttributes,
  depthwise: boolean,
) {
  return tf.backend_util.computeConv2DInfo(input, filter, strides, dilations ?? 1, pad, dimRoundingMode, depthwise);
}

function borderOf(input: Shape, filter: Shape, attributes: ConvolutionAttributes, depthwise: boolean): Border {
  const { top, bottom, left, right } = infoOf(input, filter, attributes, depthwise).padInfo;
  return [top, bottom, left, right];
}

/** @throws Error where our kernels cannot compute it; nothing else here could. */
function geometryOf(
  name: string,
  input: Shape,
  filter: Shape,
  attributes: ConvolutionAttributes,
  depthwise: boolean,
): Geometry {
  const { dataFormat } = attributes;
  const info = infoOf(input, filter, attributes, depthwise);
  if (info.strideHeight !== info.strideWidth || dataFormat === 'NCHW')
    throw new Error(
      `${name}: strides ${info.strideHeight} and ${info.strideWidth}, images ${dataFormat ?? 'NHWC'}; ` +
        'the wasm engine takes one stride for both axes, and images NHWC',
    );
  const { top, bottom, left, right } = info.padInfo;
  const dilation = [info.dilationHeight, info.dilationWidth] as const;
  return { stride: info.strideHeight, dilation, border: [top, bottom, left, right] };
}

const own = <Output extends tf.Tensor>(name: KernelName, inputs: object, attributes: object): Output =>
  tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);

/** Our kernels' layout: a group for each channel, `[KH,KW,1,C·M]` for `[KH,KW,C,M]`. */
const grouped = ([height, width, inputs, outputs]: Shape): Shape => [height, width, 1, inputs * outputs];

const kernelGradient = (name: string, depthwise: boolean): Replacement => ({
  name,
  run: ({ x, dy }, attributes: ConvolutionAttributes & { readonly filterShape: Shape }) => {
    const images = x as tf.Tensor4D;
    const { filterShape } = attributes;
    const { stride, dilation, border } = geometryOf(name, images.shape, filterShape, attributes, depthwise);
    const [top, bottom, left, right] = border;
    const padded = tf.pad4d(images, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    const gradient = own<tf.Tensor4D>(
      KERNELS.convolutionKernelGradient,
      { x: padded, dy },
      {
        stride,
        dilation,
        padding: [0, 0],
        groups: depthwise ? images.shape[3] : 1,
        kernelShape: depthwise ? grouped(filterShape) : filterShape,
      },
    );
    return tf.reshape(gradient, filterShape);
  },
});

const inputGradient = (name: string, depthwise: boolean): Replacement => ({
  name,
  run: ({ dy, filter }, attributes: ConvolutionAttributes & { readonly inputShape: Shape }) => {
    const kernel = filter as tf.Tensor4D;
    const [images, height, width, channels] = attributes.inputShape;
    const { stride, dilation, border } = geometryOf(name, attributes.inputShape, kernel.shape, attributes, depthwise);
    const [top, bottom, left, right] = border;
    const gradient = own<tf.Tensor4D>(
      KERNELS.convolutionInputGradient,
      { dy, kernel: depthwise ? tf.reshape(kernel, grouped(kernel.shape)) : kernel },
      {
        stride,
        dilation,
        padding: [0, 0],
        groups: depthwise ? channels : 1,
        inputShape: [images, height + top + bottom, width + left + right, channels],
      },
    );
    return tf.slice4d(gradient, [0, top, left, 0], [images, height, width, channels]);
  },
});

/** The last two axes change places. */
function turned(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const last = axes.splice(-2);
  return tf.transpose(x, [...axes, ...last.reverse()]);
}

/** A tensor that shares its data with no other. */
const copied = (x: tf.Tensor): tf.Tensor =>
  tf.slice(
    x,
    x.shape.map(() => 0),
    x.shape,
  );

/**
 * The backend multiplies matrices that it has to turn ten times slower than others; turning them first costs next to nothing. And it
 * keeps what it makes of the second matrix with that one's data, as it does with a convolution's kernel: data that is both, again and
 * again, ends in a memory fault. So it is given a copy.
 */
const product: Replacement = {
  name: tf.BatchMatMul,
  run: (
    { a, b },
    { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
    multiply,
  ) => {
    if (!a || !b || !multiply || a.size * b.size === 0) return undefined;
    const inputs = { a: transposeA ? turned(a) : a, b: transposeB ? turned(b) : copied(b) };
    return multiply(inputs, { transposeA: false, transposeB: false });
  },
};

/**
 * The backend's own convolutions give zeros for 'same' where a stride is larger than the kernel along its axis. Padded first and called
 * 'valid', they are right.
 */
const forward = (name: string, depthwise: boolean): Replacement => ({
  name,
  run: (inputs, attributes: ConvolutionAttributes, convolve) => {
    const { x, filter } = inputs as Readonly<Record<'x' | 'filter', tf.Tensor4D>>;
    const { pad, dataFormat } = attributes;
    if (!convolve || pad === 'valid' || pad === 0 || dataFormat === 'NCHW') return undefined;
    const [top, bottom, left, right] = borderOf(x.shape, filter.shape, attributes, depthwise);
    const around: [number, number][] = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    const padded = top + bottom + left + right > 0 ? tf.pad(x, around) : x;
    return convolve({ ...inputs, x: padded }, { ...attributes, pad: 'valid' });
  },
});

/** Activations that the backend's fused kernels bound without a regard to NaN. */
const BOUNDED: Readonly<Record<string, (y: tf.Tensor) => tf.Tensor>> = { relu: tf.relu, relu6: tf.relu6 };

/** The activation that would lose NaN runs as an operation of its own. */
const activated = ({ name, run }: Replacement): Replacement => ({
  name,
  run: (inputs, attributes: { readonly activation?: string }, compute) => {
    const bound = BOUNDED[attributes.activation ?? ''];
    if (!bound || !compute) return run(inputs, attributes as never, compute);
    const linear = { ...attributes, activation: 'linear' };
    return bound(run(inputs, linear as never, compute) ?? compute(inputs, linear));
  },
});

const asItIs = (name: string): Replacement => ({ name, run: () => undefined });

/** The backend's own takes denormal numbers for 0. */
const sign: Replacement = {
  name: tf.Sign,
  run: ({ x }) => {
    if (x?.dtype !== 'float32') return undefined;
    return tf.sub(tf.cast(tf.greater(x, 0), 'float32'), tf.cast(tf.less(x, 0), 'float32'));
  },
};

export const replacements: readonly Replacement[] = [
  forward(tf.Conv2D, false),
  forward(tf.DepthwiseConv2dNative, true),
  activated(forward(tf.FusedConv2D, false)),
  activated(forward(tf.FusedDepthwiseConv2D, true)),
  activated(asItIs(tf._FusedMatMul)),
  kernelGradient(tf.Conv2DBackpropFilter, false),
  inputGradient(tf.Conv2DBackpropInput, false),
  kernelGradient(tf.DepthwiseConv2dNativeBackpropFilter, true),
  inputGradient(tf.DepthwiseConv2dNativeBackpropInput, true),
  product,
  sign,
];

const registered = new Set<string>();

/** Puts them in the place of the backend's own, once in a process. */
export function registerReplacements(backendName: string): void {
  if (registered.has(backendName)) return;
  registered.add(backendName);
  for (const { name, run } of replacements) {
    const before = tf.getKernel(name, backendName) as tf.KernelConfig | undefined;
    if (before) tf.unregisterKernel(name, backendName);
    tf.registerKernel({
      ...before,
      kernelName: name,
      backendName,
      kernelFunc: (call) => {
        const inputs = call.inputs as unknown as Record<string, tf.Tensor>;
        const compute: Compute = (given, attributes) => {
          const { kernelFunc } = before as tf.KernelConfig;
          const attrs = attributes as tf.NamedAttrMap;
          return tf
            .engine()
            .makeTensorFromTensorInfo(
              kernelFunc({ ...call, inputs: given as unknown as tf.NamedTensorInfoMap, attrs }) as tf.TensorInfo,
            );
        };
        const result = tf.tidy(() => run(inputs, call.attrs as never, before && compute));
        if (result) return result;
        if (before) return before.kernelFunc(call);
        throw new Error(`${name}: the wasm engine cannot compute this call`);
      },
    });
  }
}
