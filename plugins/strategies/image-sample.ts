import type { ObservedImages } from '../../core/contracts/index.js';

/** Pixels of a channel that are kept: more say no more about the some twenty bins of a histogram. */
const ENOUGH = 2 ** 16;

/** Images that one block reads, as many as a histogram needs, with the zeros that its KxK convolution puts around them. */
export class ImageSample {
  readonly kernelSize: number;
  readonly #parts: ObservedImages[] = [];
  #pixels = 0;

  /** @param kernelSize K, odd. */
  constructor(kernelSize: number) {
    this.kernelSize = kernelSize;
  }

  add({ shape: [images, height, width, channels], data }: ObservedImages): this {
    const missing = Math.ceil((ENOUGH - this.#pixels) / (height * width));
    const taken = Math.min(images, Math.max(0, missing));
    if (taken === 0) return this;
    const copy = data.slice(0, taken * height * width * channels);
    this.#parts.push({ shape: [taken, height, width, channels], data: copy });
    this.#pixels += taken * height * width;
    return this;
  }

  /** The values themselves, with the border. */
  padded(): PaddedImages {
    const [, height, width, channels] = (this.#parts[0] as ObservedImages).shape;
    const border = this.kernelSize >> 1;
    const images = this.#parts.reduce((sum, { shape }) => sum + shape[0], 0);
    const [rows, columns] = [height + 2 * border, width + 2 * border];
    const data = new Float32Array(images * rows * columns * channels);
    const row = width * channels;
    let line = 0;
    for (const part of this.#parts) {
      for (let from = 0; from < part.data.length; from += row, line++) {
        const to = (Math.floor(line / height) * rows + border + (line % height)) * columns + border;
        data.set(part.data.subarray(from, from + row), to * channels);
      }
    }
    return { shape: [images, rows, columns, channels], data };
  }

  /**
   * Every value as the number of its bin, between the lowest and the highest of its channel, with the border.
   * `bins` is Sturges' number for as many values as a channel has: 1 + ⌈log2 n⌉.
   */
  binned(): BinnedImages {
    const [, height, width, channels] = (this.#parts[0] as ObservedImages).shape;
    const border = this.kernelSize >> 1;
    const images = this.#parts.reduce((sum, { shape }) => sum + shape[0], 0);
    const [rows, columns] = [height + 2 * border, width + 2 * border];
    const bins = 1 + Math.ceil(Math.log2(images * rows * columns));
    const { low, high } = this.#ranges(channels);
    const binOf = (value: number, channel: number): number => {
      const [from, to] = [low[channel] as number, high[channel] as number];
      return to > from ? Math.min(bins - 1, Math.floor(((value - from) / (to - from)) * bins)) : 0;
    };
    const data = new Uint8Array(images * rows * columns * channels);
    for (let at = 0; at < data.length; at++) data[at] = binOf(0, at % channels);
    let image = 0;
    for (const { shape, data: values } of this.#parts) {
      const row = width * channels;
      for (let line = 0; line < shape[0] * height; line++) {
        const to = ((image + Math.floor(line / height)) * rows + border + (line % height)) * columns + border;
        for (let at = 0; at < row; at++)
          data[to * channels + at] = binOf(values[line * row + at] as number, at % channels);
      }
      image += shape[0];
    }
    return { shape: [images, rows, columns, channels], bins, data };
  }

  /** Lowest and highest value of every channel; the border's zero counts. */
  #ranges(channels: number): { readonly low: Float64Array; readonly high: Float64Array } {
    const [low, high] = [new Float64Array(channels), new Float64Array(channels)];
    for (const { data } of this.#parts) {
      for (const [at, value] of data.entries()) {
        const channel = at % channels;
        if (value < (low[channel] as number)) low[channel] = value;
        if (value > (high[channel] as number)) high[channel] = value;
      }
    }
    return { low, high };
  }
}

/** Values `[N, H, W, C]`, the border of zeros included. */
export interface PaddedImages {
  readonly shape: readonly [images: number, height: number, width: number, channels: number];
  readonly data: Float32Array;
}

/** Numbers of bins, `[N, H, W, C]`, the border included. */
export interface BinnedImages {
  readonly shape: readonly [images: number, height: number, width: number, channels: number];
  readonly bins: number;
  readonly data: Uint8Array;
}
