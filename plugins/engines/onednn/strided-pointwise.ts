import type { Convolution } from './convolution-shape.js';
import { places } from './kernels/geometry.js';

/**
 * A 1x1 convolution with a stride reads some pixels only: they are gathered, and a convolution without a stride does the rest. oneDNN
 * 2.6 does the same inside, but its kernel gradient then writes past its own buffers where the channels do not fill a vector
 * (seen with 3 channels at stride 2).
 */
export const isStridedPointwise = ({ window: { size, stride } }: Convolution): boolean =>
  size[0] === 1 && size[1] === 1 && (stride[0] > 1 || stride[1] > 1);

/** The same convolution of the gathered pixels. */
export function ofGathered(convolution: Convolution): Convolution {
  const { input, window } = convolution;
  return {
    ...convolution,
    input: [input[0], ...places(input, window), input[3]],
    window: { ...window, stride: [1, 1], before: [0, 0], after: [0, 0] },
  };
}

/** Copies the pixels that are read; zeros where the padding is read. */
export function gather(x: Float32Array, convolution: Convolution, to: Float32Array): void {
  const channels = convolution.input[3];
  for (const { pixel, from } of pixels(convolution)) {
    if (from < 0) to.fill(0, pixel * channels, (pixel + 1) * channels);
    else
      for (let channel = 0; channel < channels; channel++)
        to[pixel * channels + channel] = x[from * channels + channel] as number;
  }
}

/** The opposite: gradients of the pixels that were read, zeros elsewhere. */
export function scatter(gathered: Float32Array, convolution: Convolution, dx: Float32Array): void {
  const channels = convolution.input[3];
  dx.fill(0);
  for (const { pixel, from } of pixels(convolution)) {
    if (from < 0) continue;
    for (let channel = 0; channel < channels; channel++)
      dx[from * channels + channel] = gathered[pixel * channels + channel] as number;
  }
}

/** Every gathered pixel, and the pixel of the images that it is; −1 in the padding. */
function* pixels({ input, window }: Convolution): Generator<{ readonly pixel: number; readonly from: number }> {
  const [images, height, width] = input;
  const [rows, columns] = places(input, window);
  let pixel = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      const y = row * window.stride[0] - window.before[0];
      for (let column = 0; column < columns; column++, pixel++) {
        const x = column * window.stride[1] - window.before[1];
        const inside = y >= 0 && y < height && x >= 0 && x < width;
        yield { pixel, from: inside ? (image * height + y) * width + x : -1 };
      }
    }
  }
}
