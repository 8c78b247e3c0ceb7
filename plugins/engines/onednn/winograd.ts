import type { Pass } from './convolution-descriptor.js';
import { type Convolution, outputShape } from './convolution-shape.js';
import type { Runtime } from './runtime.js';
import { gridOf, SIDE, TILE } from './winograd-tiles.js';

// Winograd's F(4x4, 3x3): 36 products of matrices for 16 pixels of a 3x3 convolution instead of 144 (Lavin and Gray, 2016,
// arXiv:1509.09308). oneDNN has it for
// AVX-512 only, and only before version 3.2. Results differ from the direct way's by about 1e-6 relative.

/** Values of a vector: the operation knows whole ones only. */
const VECTOR = 16;
/** With fewer channels the way into the transformed form and out of it takes what the products save. */
const LEAST = { images: { each: 32, both: 64 }, kernel: { each: 16, both: 48 } };
/** Tiles that there must be, and the share of their pixels that are the image's. */
const [LEAST_TILES, LEAST_SHARE] = [32, 0.6];

/** Bytes that the transformed images, or kernels, may take. */
export const MOST_BYTES = 128 * 2 ** 20;

/** Whether this pass of a convolution is faster in transformed form, by oneDNN's own operation. */
export function suitsWinograd(
  { hasWinograd }: Pick<Runtime, 'hasWinograd'>,
  convolution: Convolution,
  pass: Pass,
): boolean {
  const [, , inputs, outputs] = convolution.kernel;
  const least = pass === 'kernel' ? LEAST.kernel : LEAST.images;
  const { tiles, share } = cut(convolution);
  return (
    hasWinograd &&
    isTransformable(convolution) &&
    inputs % VECTOR === 0 &&
    outputs % VECTOR === 0 &&
    Math.min(inputs, outputs) >= least.each &&
    inputs + outputs >= least.both &&
    tiles >= LEAST_TILES &&
    share >= LEAST_SHARE
  );
}

/**
 * By products of matrices (`winograd-products.ts`) it takes that many channels on each side and on both, and that many tiles times
 * channels, to be ahead of what oneDNN has: where it transforms convolutions itself they must be wide, where its direct form
 * has AVX-512 a little wider than with AVX2.
 */
const OF_PRODUCTS = {
  besideWinograd: { each: 128, both: 256, work: 12_000 },
  besideAvx512: { each: 32, both: 96, work: 10_000 },
  otherwise: { each: 32, both: 64, work: 6_000 },
};
const [LEAST_SHARE_OF_PRODUCTS, MOST_TILES_OF_IMAGE] = [0.7, 256];

/** Whether a convolution, in all of its passes, is fastest in transformed form by products of matrices. */
export function suitsWinogradProducts(
  { hasWinograd, hasAvx512 }: Pick<Runtime, 'hasWinograd' | 'hasAvx512'>,
  convolution: Convolution,
): boolean {
  const [, , inputs, outputs] = convolution.kernel;
  const beside = hasWinograd ? 'besideWinograd' : hasAvx512 ? 'besideAvx512' : 'otherwise';
  const { each, both, work } = OF_PRODUCTS[beside];
  // Asked of every convolution of every step: most are told by their channels.
  if (Math.min(inputs, outputs) < each || inputs + outputs < both || !isTransformable(convolution)) return false;
  const { tiles, share } = cut(convolution);
  return (
    4 * SIDE ** 2 * inputs * outputs <= MOST_BYTES &&
    share >= LEAST_SHARE_OF_PRODUCTS &&
    share * tiles * (inputs + outputs) >= work &&
    tiles <= MOST_TILES_OF_IMAGE * convolution.input[0]
  );
}

function isTransformable({ window: { size, stride, dilation, before, after }, groups }: Convolution): boolean {
  return (
    groups === 1 &&
    size.every((length) => length === 3) &&
    [...stride, ...dilation].every((step) => step === 1) &&
    [...before, ...after].every((padding) => padding === 1)
  );
}

/** How many tiles the images are cut into, and the share of their pixels that are the images'. */
function cut(convolution: Convolution): { readonly tiles: number; readonly share: number } {
  const [images, height, width] = outputShape(convolution);
  const { down, across } = gridOf(height, width, images);
  return { tiles: images * down * across, share: (height * width) / (down * across * TILE ** 2) };
}
