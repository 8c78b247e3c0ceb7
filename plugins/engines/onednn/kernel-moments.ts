import type { MomentWindow } from '../../../core/engine/kernels.js';
import type { OneDnnBackend } from './backend.js';
import { columnProducts, scaleColumns } from './columns.js';
import { multiply, plain, transposed } from './matrix.js';

/** Values of a moments tensor `[M·C + F, C]`. */
export interface PatchMoments {
  readonly values: Float32Array;
  readonly channels: number;
}

/** A kernel `[n·C, O]` and what it makes of the patches: SW, and its answers' mean and variance, `[2, O]` in a row. */
export interface SeenKernel {
  readonly window: MomentWindow;
  readonly kernel: Float32Array;
  readonly outputs: number;
  readonly product: Float32Array;
  readonly statistics: Float32Array;
}

const partsOf = ({ channels }: PatchMoments, { taps, second, first }: MomentWindow) => {
  const [matrices, sums] = [second.length / taps ** 2, first.length / taps];
  return { matrices, sums, split: matrices * channels ** 2 };
};

/** The parts of a moments tensor that a window reads: the matrices, and the rows below them. @throws Error where it is not of that size. */
function split(moments: PatchMoments, window: MomentWindow, name: string): [Float32Array, Float32Array] {
  const { sums, split: at } = partsOf(moments, window);
  const { values, channels } = moments;
  if (values.length !== at + sums * channels)
    throw new Error(`${name}: the moments hold ${values.length} values, expected ${at + sums * channels}`);
  return [values.subarray(0, at), values.subarray(at)];
}

/** The mean patch `[n·C]` of each window, and its second moments `[n, n·C, C]`, made when first asked for. */
export class Assembled {
  readonly #backend: OneDnnBackend;
  readonly #moments: PatchMoments;
  readonly #name: string;
  readonly #seconds = new Map<MomentWindow, Float32Array>();
  readonly #means = new Map<MomentWindow, Float32Array>();

  constructor(backend: OneDnnBackend, moments: PatchMoments, name: string) {
    this.#backend = backend;
    this.#moments = moments;
    this.#name = name;
  }

  /** Writes SW, mean and variance of a kernel. */
  see({ window, kernel, outputs, product, statistics }: SeenKernel): void {
    const [second, mean] = [this.#second(window), this.meanPatch(window)];
    const { channels } = this.#moments;
    const rows = window.taps * channels;
    for (let tap = 0; tap < window.taps; tap++) {
      const own = second.subarray(tap * rows * channels, (tap + 1) * rows * channels);
      const to = product.subarray(tap * channels * outputs, (tap + 1) * channels * outputs);
      multiply(this.#backend, [channels, rows, outputs], transposed(own), plain(kernel), to);
    }
    const [means, squares] = [statistics.subarray(0, outputs), statistics.subarray(outputs)];
    multiply(this.#backend, [1, rows, outputs], plain(mean), plain(kernel), means);
    columnProducts(this.#backend, kernel, product, squares);
    // Rounding may leave a little less than nothing.
    for (let output = 0; output < outputs; output++)
      squares[output] = Math.max(0, (squares[output] as number) - (means[output] as number) ** 2);
  }

  meanPatch(window: MomentWindow): Float32Array {
    const found = this.#means.get(window);
    if (found) return found;
    const { channels } = this.#moments;
    const [, rows] = split(this.#moments, window, this.#name);
    const mean = this.#backend.borrow(window.taps * channels);
    this.#means.set(window, mean);
    const shape = [window.taps, rows.length / channels, channels] as const;
    multiply(this.#backend, shape, plain(window.first), plain(rows), mean);
    return mean;
  }

  release(): void {
    for (const array of [...this.#seconds.values(), ...this.#means.values()]) this.#backend.giveBack(array);
    this.#seconds.clear();
    this.#means.clear();
  }

  #second(window: MomentWindow): Float32Array {
    const found = this.#seconds.get(window);
    if (found) return found;
    const area = this.#moments.channels ** 2;
    const [matrices] = split(this.#moments, window, this.#name);
    const pairs = window.taps ** 2;
    const second = this.#backend.borrow(pairs * area);
    this.#seconds.set(window, second);
    multiply(this.#backend, [pairs, matrices.length / area, area], plain(window.second), plain(matrices), second);
    return second;
  }
}

/** Gathers the gradients of a moments tensor from kernels that saw it, window by window. */
export class MomentsGradient {
  readonly #backend: OneDnnBackend;
  readonly #moments: PatchMoments;
  readonly #byWindow = new Map<MomentWindow, { second: Float32Array; mean: Float32Array }>();

  constructor(backend: OneDnnBackend, moments: PatchMoments) {
    this.#backend = backend;
    this.#moments = moments;
  }

  /** Adds W·dv·Wᵀ to the second moments' gradient and W·dμ to the mean patch's; both `[O]`. */
  add(window: MomentWindow, kernel: Float32Array, dmean: Float32Array, dvariance: Float32Array): void {
    const { channels } = this.#moments;
    const outputs = dmean.length;
    const rows = window.taps * channels;
    const first = !this.#byWindow.has(window);
    const { second, mean } = this.#of(window);
    multiply(this.#backend, [rows, outputs, 1], plain(kernel), plain(dmean), mean, !first);
    this.#backend.scratch(kernel.length, (scaled) => {
      scaleColumns(this.#backend, kernel, dvariance, scaled);
      for (let tap = 0; tap < window.taps; tap++) {
        const own = kernel.subarray(tap * channels * outputs, (tap + 1) * channels * outputs);
        const to = second.subarray(tap * rows * channels, (tap + 1) * rows * channels);
        multiply(this.#backend, [rows, outputs, channels], plain(scaled), transposed(own), to, !first);
      }
    });
  }

  /** Writes what was gathered, as a moments tensor, and is empty again. */
  write(to: Float32Array): void {
    let first = true;
    const { channels } = this.#moments;
    for (const [window, { second, mean }] of this.#byWindow) {
      const { matrices, sums, split: at } = partsOf(this.#moments, window);
      const pairs = window.taps ** 2;
      const [products, means] = [to.subarray(0, at), to.subarray(at)];
      const ways = { second: transposed(window.second), first: transposed(window.first) };
      multiply(this.#backend, [matrices, pairs, channels ** 2], ways.second, plain(second), products, !first);
      multiply(this.#backend, [sums, window.taps, channels], ways.first, plain(mean), means, !first);
      this.#backend.giveBack(second);
      this.#backend.giveBack(mean);
      first = false;
    }
    this.#byWindow.clear();
  }

  #of(window: MomentWindow): { second: Float32Array; mean: Float32Array } {
    const found = this.#byWindow.get(window);
    if (found) return found;
    const { channels } = this.#moments;
    const made = {
      second: this.#backend.borrow((window.taps * channels) ** 2),
      mean: this.#backend.borrow(window.taps * channels),
    };
    this.#byWindow.set(window, made);
    return made;
  }
}
