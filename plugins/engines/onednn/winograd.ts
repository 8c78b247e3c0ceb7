import type { Pass } from './convolution-descriptor.js';
import { type Convolution, outputShape } from './convolution-shape.js';
import type { Runtime } from './runtime.js';

// Winograd's F(4x4, 3x3): 36 products of matrices for 16 pixels of a 3x3 convolution instead of 144 (Lavin and Gray, 2016,
// arXiv:1509.09308). oneDNN 2.6 has it for AVX-512 only. Results differ from the direct way's by about 1e-6 relative.

const TILE = 4;
/** Values of a vector: the operation knows whole ones only. */
const VECTOR = 16;
/** With fewer channels the way into the transformed form and out of it takes what the products save. */
const LEAST = { images: { each: 32, both: 64 }, kernel: { each: 16, both: 48 } };
/** Tiles that there must be, and the share of their pixels that are the image's. */
const [LEAST_TILES, LEAST_SHARE] = [32, 0.6];

/** Bytes that the transformed images may take. */
export const MOST_BYTES = 128 * 2 ** 20;

/** Whether this pass of a convolution is faster in transformed form, by oneDNN's own operation. */
export function suitsWinograd({ hasAvx512 }: Runtime, convolution: Convolution, pass: Pass): boolean {
  const [, , inputs, outputs] = convolution.kernel;
  const least = pass === 'kernel' ? LEAST.kernel : LEAST.images;
  const { tiles, share } = tilesOf(convolution);
  return (
    hasAvx512 &&
    isTransformable(convolution) &&
    inputs % VECTOR === 0 &&
    outputs % VECTOR === 0 &&
    Math.min(inputs, outputs) >= least.each &&
    inputs + outputs >= least.both &&
    tiles >= LEAST_TILES &&
    share >= LEAST_SHARE
  );
}

/** Where products of matrices do the same: with fewer channels or pixels the ways in and out take what they save. */
const OF_PRODUCTS = { each: 32, both: 80, share: 0.7, work: 12_000, mostTilesOfImage: 64 };

/** Whether a convolution is faster in transformed form by products of matrices: where oneDNN does not have it of its own. */
export function suitsWinogradProducts({ hasAvx512 }: Runtime, convolution: Convolution): boolean {
  const [, , inputs, outputs] = convolution.kernel;
  const { tiles, share } = tilesOf(convolution);
  return (
    !hasAvx512 &&
    isTransformable(convolution) &&
    Math.min(inputs, outputs) >= OF_PRODUCTS.each &&
    inputs + outputs >= OF_PRODUCTS.both &&
    share >= OF_PRODUCTS.share &&
    share * tiles * (inputs + outputs) >= OF_PRODUCTS.work &&
    tiles <= OF_PRODUCTS.mostTilesOfImage * convolution.input[0]
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
function tilesOf(convolution: Convolution): { readonly tiles: number; readonly share: number } {
  const [images, height, width] = outputShape(convolution);
  const tiles = images * Math.ceil(height / TILE) * Math.ceil(width / TILE);
  return { tiles, share: (images * height * width) / (tiles * TILE ** 2) };
}
