import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A reference array in PyTorch's layout: images NCHW, kernels OIHW. */
export interface GoldenArray {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export type GoldenParams = Readonly<Record<string, GoldenArray>>;

interface BlockCase {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  readonly stride: number;
  readonly params: GoldenParams;
  readonly x: GoldenArray;
  readonly evalOutput: GoldenArray;
  readonly fusedKernel: GoldenArray;
  readonly fusedBias: GoldenArray;
}

export interface OpCase extends BlockCase {
  readonly kind: 'repnas-op';
  readonly op: string;
  readonly trainOutput: GoldenArray;
  readonly paramsAfterTrainStep: GoldenParams;
}

export interface BlocksCase extends BlockCase {
  readonly kind: 'dbb' | 'acb';
  readonly kernelSize: number;
}

export interface StepCase {
  readonly kind: 'supernet-step';
  readonly weightSharing: boolean;
  readonly constraint: number;
  readonly strides: readonly number[];
  readonly channels: readonly number[];
  readonly uniformNoise: readonly [GoldenArray, GoldenArray];
  readonly sgd: { readonly lr: number; readonly momentum: number; readonly weightDecay: number };
  readonly adam: { readonly lr: number; readonly betas: readonly [number, number]; readonly weightDecay: number };
  readonly params: GoldenParams;
  readonly x: GoldenArray;
  readonly labels: readonly number[];
  readonly mask: GoldenArray;
  readonly logits: GoldenArray;
  readonly loss: number;
  readonly grads: GoldenParams;
  readonly paramsAfter: GoldenParams;
}

export type GoldenCase = OpCase | BlocksCase | StepCase;

/** The folder of reference cases; absent where nobody has put one. @throws Error when GOLDEN_DIR names one that is not there. */
export function goldenFolder(): string | undefined {
  const named = process.env['GOLDEN_DIR'];
  const folder = resolve(named ?? '../shared/golden');
  if (existsSync(folder)) return folder;
  if (named !== undefined) throw new Error(`GOLDEN_DIR names ${folder}, which does not exist`);
  return undefined;
}

export function goldenCases(folder: string): { name: string; golden: GoldenCase }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ name: file, golden: JSON.parse(readFileSync(join(folder, file), 'utf8')) as GoldenCase }));
}

/** OIHW to HWIO, NCHW to NHWC, and a dense weight `[out, in]` to `[in, out]`; anything of one axis stays. */
export function toOurs({ shape, data }: GoldenArray, what: 'kernel' | 'images' | 'other'): Float32Array {
  const order = what === 'kernel' ? [2, 3, 1, 0] : what === 'images' ? [0, 2, 3, 1] : [1, 0];
  return shape.length === 1 ? Float32Array.from(data) : transpose(data, shape, order);
}

export function shapeOf({ shape }: GoldenArray, what: 'kernel' | 'images'): [number, number, number, number] {
  const order = what === 'kernel' ? [2, 3, 1, 0] : [0, 2, 3, 1];
  return order.map((axis) => shape[axis]) as [number, number, number, number];
}

function transpose(data: readonly number[], shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sizes = order.map((axis) => shape[axis] as number);
  const out = new Float32Array(data.length);
  const index = new Array<number>(order.length).fill(0);
  for (let at = 0; at < out.length; at++) {
    const from = order.reduce((sum, axis, k) => sum + (index[k] as number) * (strides[axis] as number), 0);
    out[at] = data[from] as number;
    for (let k = index.length - 1; k >= 0; k--) {
      index[k] = (index[k] as number) + 1;
      if ((index[k] as number) < (sizes[k] as number)) break;
      index[k] = 0;
    }
  }
  return out;
}

/** Largest |a − b| over the largest |b|. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let scale = 0;
  for (let at = 0; at < expected.length; at++) {
    const error = Math.abs((found[at] as number) - (expected[at] as number));
    if (!(error <= difference)) difference = error;
    scale = Math.max(scale, Math.abs(expected[at] as number));
  }
  return scale === 0 ? difference : difference / scale;
}

/** ‖a − b‖₂ / ‖b‖₂. */
export function relativeL2(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let scale = 0;
  for (let at = 0; at < expected.length; at++) {
    error += ((found[at] as number) - (expected[at] as number)) ** 2;
    scale += (expected[at] as number) ** 2;
  }
  return Math.sqrt(error / (scale || 1));
}
