import { places, type Shape4, type Window } from './kernels/geometry.js';

/** A convolution of images NHWC with a kernel `[KH,KW,C/groups,O]`, fully known. */
export interface Convolution {
  readonly input: Shape4;
  readonly kernel: Shape4;
  readonly window: Window;
  readonly groups: number;
}

export const outputShape = ({ input, kernel, window }: Convolution): Shape4 => [
  input[0],
  ...places(input, window),
  kernel[3],
];

/** @throws Error naming the kernel where the shapes do not fit. */
export function checkConvolution(name: string, convolution: Convolution): void {
  const { input, kernel, window, groups } = convolution;
  const found = `images [${input}], kernel [${kernel}], groups ${groups}, stride ${window.stride}, padding ${window.before} and ${window.after}, dilation ${window.dilation}`;
  const numbers = [...input, ...kernel, groups, ...window.stride, ...window.dilation, ...window.size];
  if (numbers.some((value) => !Number.isInteger(value) || value < 1))
    throw new Error(`${name}: sizes must be whole and positive (${found})`);
  if (![...window.before, ...window.after].every((value) => Number.isInteger(value) && value >= 0))
    throw new Error(`${name}: padding must be whole and not negative (${found})`);
  if (input[3] !== kernel[2] * groups)
    throw new Error(`${name}: the kernel reads ${kernel[2]} channels in each of ${groups} groups (${found})`);
  if (kernel[3] % groups !== 0) throw new Error(`${name}: groups must divide the output channels (${found})`);
  if (places(input, window).some((count) => count < 1))
    throw new Error(`${name}: the kernel is larger than the padded images (${found})`);
}
