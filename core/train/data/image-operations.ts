// The operations on bytes that augmentation policies are made of, with the numbers of Pillow's ImageEnhance, ImageOps and Image.transform
// (nearest pixel, black outside), which the policies' papers used. Each changes one image in place.

/** `[height, width, channels]` */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** Changes the bytes `[height, width, channels]` of one image in place. */
export type ImageOperation = (pixels: Uint8Array, shape: ImageShape) => void;

/** Truncates to a byte, as Pillow's blend does. */
const clipped = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value));

/** Moves every byte from `degenerate` through its own value to beyond: 0 gives `degenerate`, 1 the image, 2 twice the difference. */
function blend(pixels: Uint8Array, degenerate: (at: number) => number, factor: number): void {
  const alpha = Math.fround(factor);
  for (let at = 0; at < pixels.length; at++) {
    const from = degenerate(at);
    pixels[at] = clipped(Math.fround(from + Math.fround(alpha * ((pixels[at] as number) - from))));
  }
}

/** Luma of a pixel (ITU-R 601-2); the mean of the channels where there are not three. */
function lumaOf(pixels: Uint8Array, at: number, channels: number): number {
  const channel = (index: number): number => pixels[at + index] as number;
  if (channels === 3) return (channel(0) * 19595 + channel(1) * 38470 + channel(2) * 7471 + 0x8000) >> 16;
  let sum = 0;
  for (let index = 0; index < channels; index++) sum += channel(index);
  return Math.round(sum / channels);
}

export const brightness =
  (factor: number): ImageOperation =>
  (pixels) =>
    blend(pixels, () => 0, factor);

/** Saturation: 0 gives a grey image. */
export const colour =
  (factor: number): ImageOperation =>
  (pixels, [, , channels]) => {
    const grey = Uint8Array.from({ length: pixels.length / channels }, (_, at) =>
      lumaOf(pixels, at * channels, channels),
    );
    blend(pixels, (at) => grey[Math.trunc(at / channels)] as number, factor);
  };

/** 0 gives the mean luma everywhere. */
export const contrast =
  (factor: number): ImageOperation =>
  (pixels, [, , channels]) => {
    let sum = 0;
    for (let at = 0; at < pixels.length; at += channels) sum += lumaOf(pixels, at, channels);
    const mean = Math.trunc((sum * channels) / pixels.length + 0.5);
    blend(pixels, () => mean, factor);
  };

/** 0 gives a smoothed image; its border is not smoothed. */
export const sharpness =
  (factor: number): ImageOperation =>
  (pixels, [height, width, channels]) => {
    const smooth = pixels.slice();
    const row = width * channels;
    for (let y = 1; y < height - 1; y++) {
      for (let at = y * row + channels; at < (y + 1) * row - channels; at++) {
        let sum = 4 * (pixels[at] as number);
        for (let dy = -row; dy <= row; dy += row)
          for (let dx = -channels; dx <= channels; dx += channels) sum += pixels[at + dy + dx] as number;
        smooth[at] = clipped(sum / 13 + 0.5);
      }
    }
    blend(pixels, (at) => smooth[at] as number, factor);
  };

/** Keeps the highest bits of every byte. */
export const posterise =
  (bits: number): ImageOperation =>
  (pixels) => {
    const mask = ~(2 ** (8 - bits) - 1);
    for (let at = 0; at < pixels.length; at++) pixels[at] = (pixels[at] as number) & mask;
  };

/** Inverts bytes from a threshold on. */
export const solarise =
  (threshold: number): ImageOperation =>
  (pixels) => {
    for (let at = 0; at < pixels.length; at++) {
      const value = pixels[at] as number;
      if (value >= threshold) pixels[at] = 255 - value;
    }
  };

/** Replaces the bytes of each channel by a table that is made of the channel's histogram. */
const byHistogram =
  (tableOf: (histogram: Uint32Array) => ((value: number) => number) | undefined): ImageOperation =>
  (pixels, [, , channels]) => {
    for (let channel = 0; channel < channels; channel++) {
      const histogram = new Uint32Array(256);
      for (let at = channel; at < pixels.length; at += channels) histogram[pixels[at] as number]!++;
      const of = tableOf(histogram);
      if (!of) continue;
      const table = Uint8Array.from({ length: 256 }, (_, value) => Math.max(0, Math.min(255, of(value))));
      for (let at = channel; at < pixels.length; at += channels) pixels[at] = table[pixels[at] as number] as number;
    }
  };

/** Stretches every channel over all bytes. */
export const autoContrast: ImageOperation = byHistogram((histogram) => {
  const [low, high] = [histogram.findIndex((count) => count > 0), histogram.findLastIndex((count) => count > 0)];
  if (high <= low) return undefined;
  const scale = 255 / (high - low);
  return (value) => Math.trunc(value * scale - low * scale);
});

/** Makes every byte of every channel about as frequent. */
export const equalise: ImageOperation = byHistogram((histogram) => {
  const present = histogram.filter((count) => count > 0);
  const total = present.reduce((sum, count) => sum + count, 0);
  const step = Math.trunc((total - (present.at(-1) ?? 0)) / 255);
  if (present.length <= 1 || step === 0) return undefined;
  let sum = Math.trunc(step / 2);
  const table = Array.from(histogram, (count) => {
    const value = Math.trunc(sum / step);
    sum += count;
    return value;
  });
  return (value) => table[value] as number;
});

/** Takes every pixel from where an affine map leads: `(a, b, c)` give the source's column, `(d, e, f)` its row. */
const affine =
  (mapOf: (shape: ImageShape) => readonly [number, number, number, number, number, number]): ImageOperation =>
  (pixels, shape) => {
    const [height, width, channels] = shape;
    const [a, b, c, d, e, f] = mapOf(shape);
    const source = pixels.slice();
    for (let y = 0, to = 0; y < height; y++) {
      for (let x = 0; x < width; x++, to += channels) {
        const column = Math.floor(a * (x + 0.5) + b * (y + 0.5) + c);
        const row = Math.floor(d * (x + 0.5) + e * (y + 0.5) + f);
        if (column < 0 || column >= width || row < 0 || row >= height) pixels.fill(0, to, to + channels);
        else {
          const from = (row * width + column) * channels;
          for (let channel = 0; channel < channels; channel++) pixels[to + channel] = source[from + channel] as number;
        }
      }
    }
  };

/** Leans the image over by columns a row, from its top left corner. */
export const shearX = (by: number): ImageOperation => affine(() => [1, by, 0, 0, 1, 0]);

export const shearY = (by: number): ImageOperation => affine(() => [1, 0, 0, by, 1, 0]);

/** Moves the image to the right by whole pixels. */
export const translateX = (pixels: number): ImageOperation => affine(() => [1, 0, -Math.trunc(pixels), 0, 1, 0]);

/** Moves the image down by whole pixels. */
export const translateY = (pixels: number): ImageOperation => affine(() => [1, 0, 0, 0, 1, -Math.trunc(pixels)]);

/** Turns the image counter-clockwise about its middle. */
export const rotate = (degrees: number): ImageOperation => {
  const angle = (degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return affine(([height, width]) => {
    const [x, y] = [width / 2, height / 2];
    return [cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y];
  });
};
