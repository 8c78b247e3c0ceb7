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

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;
const isPadding = (value: number): boolean => Number.isInteger(value) && value >= 0;

/** @throws Error naming the kernel where the shapes do not fit. */
export function checkConvolution(name: string, convolution: Convolution): void {
  const { input, kernel, window, groups } = convolution;
  const wrong = (what: string): Error =>
    new Error(
      `${name}: ${what} (images [${input}], kernel [${kernel}], groups ${groups}, stride ${window.stride}, padding ${window.before} and ${window.after}, dilation ${window.dilation})`,
    );
  const sizes = [input, kernel, window.stride, window.dilation, window.size];
  if (!isCount(groups) || !sizes.every((values) => values.every(isCount)))
    throw wrong('sizes must be whole and positive');
  if (!window.before.every(isPadding) || !window.after.every(isPadding))
    throw wrong('padding must be whole and not negative');
  if (input[3] !== kernel[2] * groups)
    throw wrong(`the kernel reads ${kernel[2]} channels in each of ${groups} groups`);
  if (kernel[3] % groups !== 0) throw wrong('groups must divide the output channels');
  const [height, width] = places(input, window);
  if (height < 1 || width < 1) throw wrong('the kernel is larger than the padded images');
}
