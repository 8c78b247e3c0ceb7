import { readFileSync } from 'node:fs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { MomentumStepAttributes } from '../../../../core/engine/index.js';
import { WebAssembly, type WebAssemblyModule } from '../web-assembly.js';

/** What `native/channels.ts` compiles to; pointers are byte offsets in TensorFlow.js' memory. */
interface Native {
  addSums(u: number, rows: number, channels: number, sums: number): void;
  addProducts(u: number, uStep: number, v: number, rows: number, channels: number, sums: number): void;
  affine(u: number, scale: number, shift: number, y: number, rows: number, channels: number): void;
  addScaled(u: number, scale: number, y: number, rows: number, channels: number): void;
  combine(
    ...args: [u: number, a: number, v: number, b: number, shift: number, y: number, rows: number, channels: number]
  ): void;
  rectify(y: number, length: number): void;
  passed(dy: number, y: number, g: number, length: number): void;
  momentumStep(...args: [...tensors: number[], nesterov: boolean]): void;
  squares(u: number, length: number): number;
  holdsNaN(u: number, length: number): number;
}

/** What TensorFlow.js' declarations leave out of its module. */
interface Heap {
  readonly HEAPU8: { readonly buffer: ArrayBuffer };
  readonly asm: { readonly memory: unknown };
  _malloc(bytes: number): number;
  _free(pointer: number): void;
}

/** One value a channel. */
export type PerChannel = Float64Array;

let compiled: WebAssemblyModule | undefined;
const instances = new WeakMap<BackendWasm, ChannelLoops>();

/**
 * Loops over images `[N,H,W,C]` in place, four channels at a time. Sums are taken in float64: what cancels in
 * E[u²] − E[u]² is then lost at 1e-16, and one pass is enough for a variance.
 */
export class ChannelLoops {
  readonly #backend: BackendWasm;
  readonly #heap: Heap;
  readonly #native: Native;
  /** Room for one float64 and three float32 vectors of so many channels. */
  #room = { pointer: 0, channels: 0 };

  /** Those of a started backend. */
  static of(backend: BackendWasm): ChannelLoops {
    const loops = instances.get(backend) ?? new ChannelLoops(backend);
    instances.set(backend, loops);
    return loops;
  }

  private constructor(backend: BackendWasm) {
    compiled ??= new WebAssembly.Module(readFileSync(new URL('../native/channels.wasm', import.meta.url)));
    this.#backend = backend;
    this.#heap = backend.wasm as unknown as Heap;
    this.#native = new WebAssembly.Instance(compiled, { env: { memory: this.#heap.asm.memory } }).exports as Native;
  }

  /** Σ u */
  sums(u: TensorInfo): PerChannel {
    const [rows, channels] = extent(u);
    return this.#summed(channels, (sums) => this.#native.addSums(this.#at(u), rows, channels, sums));
  }

  /** Σ u·v */
  products(u: TensorInfo, v: TensorInfo): PerChannel {
    const [rows, channels] = extent(u);
    return this.#summed(channels, (sums) =>
      this.#native.addProducts(this.#at(u), 4 * channels, this.#at(v), rows, channels, sums),
    );
  }

  /** Σ u·v where v's pixel `(row, column)` meets u's `offset + stride·(row, column)`; pixels outside u count as zero. */
  windowProducts(u: TensorInfo, v: TensorInfo, offset: readonly [number, number], stride: number): PerChannel {
    const [images, height, width, channels] = u.shape as [number, number, number, number];
    const [, rows = 0, columns = 0] = v.shape;
    const [first, last] = inside(offset[0], stride, height, rows);
    const [from, to] = inside(offset[1], stride, width, columns);
    return this.#summed(channels, (sums) => {
      for (let image = 0; image < images; image++) {
        for (let row = first; row < last; row++) {
          const inU = (image * height + offset[0] + stride * row) * width + offset[1] + stride * from;
          const inV = (image * rows + row) * columns + from;
          const [atU, atV] = [this.#at(u) + 4 * channels * inU, this.#at(v) + 4 * channels * inV];
          this.#native.addProducts(atU, 4 * channels * stride, atV, to - from, channels, sums);
        }
      }
    });
  }

  /** Mean and biased variance. */
  moments(u: TensorInfo): { readonly mean: PerChannel; readonly variance: PerChannel } {
    const [rows] = extent(u);
    const mean = this.sums(u).map((sum) => sum / rows);
    const variance = this.products(u, u).map((sum, c) => Math.max(0, sum / rows - (mean[c] as number) ** 2));
    return { mean, variance };
  }

  /** y = scale·u + shift */
  affine(u: TensorInfo, scale: PerChannel, shift: PerChannel, y: TensorInfo): void {
    const [a, b] = this.#vectors(scale, shift);
    this.#native.affine(this.#at(u), a, b, this.#at(y), ...extent(u));
  }

  /** y = y + scale·u */
  addScaled(u: TensorInfo, scale: PerChannel, y: TensorInfo): void {
    const [a] = this.#vectors(scale);
    this.#native.addScaled(this.#at(u), a, this.#at(y), ...extent(u));
  }

  /** y = a·u + b·v + shift; y may be u. */
  combine(
    [u, a]: readonly [TensorInfo, PerChannel],
    [v, b]: readonly [TensorInfo, PerChannel],
    shift: PerChannel,
    y: TensorInfo,
  ): void {
    const [ofU, ofV, constant] = this.#vectors(a, b, shift);
    this.#native.combine(this.#at(u), ofU, this.#at(v), ofV, constant, this.#at(y), ...extent(u));
  }

  /** y = max(y, 0), in place. */
  rectify(y: TensorInfo): void {
    this.#native.rectify(this.#at(y), sizeOf(y));
  }

  /** g = dy where y is above zero, 0 elsewhere. */
  passed(dy: TensorInfo, y: TensorInfo, g: TensorInfo): void {
    this.#native.passed(this.#at(dy), this.#at(y), this.#at(g), sizeOf(dy));
  }

  /** Σ u² over all values. */
  squares(u: TensorInfo): number {
    return this.#native.squares(this.#at(u), sizeOf(u));
  }

  /** True if one of the values is NaN. */
  holdsNaN(u: TensorInfo): boolean {
    return this.#native.holdsNaN(this.#at(u), sizeOf(u)) !== 0;
  }

  /** A step of gradient descent with momentum, written to the last two. */
  momentumStep(
    tensors: readonly [
      parameter: TensorInfo,
      gradient: TensorInfo,
      velocity: TensorInfo,
      newParameter: TensorInfo,
      newVelocity: TensorInfo,
    ],
    scale: number,
    { learningRate, momentum, weightDecay, nesterov }: MomentumStepAttributes,
  ): void {
    const pointers = tensors.map((tensor) => this.#at(tensor));
    this.#native.momentumStep(...pointers, sizeOf(tensors[0]), scale, learningRate, momentum, weightDecay, nesterov);
  }

  #at({ dataId }: TensorInfo): number {
    return this.#backend.getMemoryOffset(dataId);
  }

  #summed(channels: number, add: (sums: number) => void): PerChannel {
    const { pointer } = this.#reserve(channels);
    const view = () => new Float64Array(this.#heap.HEAPU8.buffer, pointer, channels);
    view().fill(0);
    add(pointer);
    return view().slice();
  }

  #vectors(...vectors: readonly PerChannel[]): [number, number, number] {
    const channels = (vectors[0] as PerChannel).length;
    const room = this.#reserve(channels);
    const pointer = (index: number): number => room.pointer + room.channels * (8 + 4 * index);
    for (const [index, vector] of vectors.entries())
      new Float32Array(this.#heap.HEAPU8.buffer, pointer(index), channels).set(vector);
    return [pointer(0), pointer(1), pointer(2)];
  }

  #reserve(channels: number): { readonly pointer: number; readonly channels: number } {
    if (this.#room.channels < channels) {
      if (this.#room.pointer !== 0) this.#heap._free(this.#room.pointer);
      this.#room = { pointer: this.#heap._malloc(20 * channels), channels };
    }
    return this.#room;
  }
}

const sizeOf = ({ shape }: TensorInfo): number => shape.reduce((product, length) => product * length, 1);

const extent = (images: TensorInfo): [rows: number, channels: number] => {
  const channels = images.shape[3] as number;
  return [sizeOf(images) / channels, channels];
};

/** Places, from and to (exclusive), whose pixel `offset + stride·place` lies in `[0, length)`. */
function inside(offset: number, stride: number, length: number, places: number): [from: number, to: number] {
  const from = Math.max(0, Math.ceil(-offset / stride));
  return [from, Math.max(from, Math.min(places, Math.ceil((length - offset) / stride)))];
}
