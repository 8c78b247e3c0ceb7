import * as tf from '@tensorflow/tfjs-core';
import type { BranchScope, ConvolveOptions, FeatureMap } from '../../contracts/branch-op.js';
import type { Tensor } from '../../contracts/tensor.js';
import { averagePool, convolve, convolveConstant } from '../../engine/index.js';
import type { Branch } from '../network/branch.js';

/** Applies an inner batch-norm of a branch, in training or at inference, and gives the map its border. */
export type Normalise = (branch: Branch, norm: string, input: FeatureMap, border: number) => FeatureMap;

/** Wraps images as a branch receives them: no border, no constant. */
export const plainMap = (value: Tensor): FeatureMap => ({ value, border: 0, pending: false });

/** Adds the border and constant that a map still lacks, then `extra` zeros around it. */
export function materialise(map: FeatureMap, extra: readonly [number, number] = [0, 0]): tf.Tensor4D {
  const pad = (value: tf.Tensor4D, height: number, width: number): tf.Tensor4D =>
    height + width === 0
      ? value
      : tf.pad4d(value, [
          [0, 0],
          [height, height],
          [width, width],
          [0, 0],
        ]);
  const border = map.pending ? map.border : 0;
  const padded = pad(map.value as tf.Tensor4D, border, border);
  const complete: tf.Tensor4D = map.constant ? tf.add(padded, map.constant() as tf.Tensor1D) : padded;
  return pad(complete, ...extra);
}

/** Takes over a convolution of the block's input by one of a branch's kernels; returns undefined to decline. */
export type ConvolveInput = (branch: Branch, kernel: string, stride: number) => tf.Tensor4D | undefined;

/** A convolution on the engine. */
export type Convolve = typeof convolve;

interface ScopeOptions {
  /** Convolutions of the block's input that are computed elsewhere. */
  readonly source?: { readonly input: FeatureMap; readonly convolve: ConvolveInput } | undefined;
  /** What computes all others. @default the engine's convolution with a gradient */
  readonly convolve?: Convolve;
}

/** Interprets a branch on images, `[N,H,W,C]`. `source` may take over convolutions of the block's input. */
export function branchScope(
  branch: Branch,
  kernelOf: (name: string) => tf.Tensor4D,
  normalise: Normalise,
  { source, convolve: convolution = convolve }: ScopeOptions = {},
): BranchScope {
  const { block, options } = branch;
  const names = new Map<Tensor, string>();
  return {
    block,
    options,
    kernel: (name) => {
      const kernel = kernelOf(name);
      if (source) names.set(kernel, name);
      return kernel;
    },
    convolve: (input, kernel, given) => {
      const name = names.get(kernel);
      const shared =
        source && name !== undefined && input === source.input && !given?.padding && (given?.dilation ?? 1) === 1
          ? source.convolve(branch, name, given?.stride ?? 1)
          : undefined;
      return shared ? plainMap(shared) : convolveMap(input, kernel as tf.Tensor4D, block.groups, convolution, given);
    },
    averagePool: (input, size, stride) => {
      const missing = Math.max(0, (size >> 1) - input.border);
      const plain = missing > 0 && input.constant ? plainMap(materialise(input)) : input;
      const padding = missing + (plain.pending ? plain.border : 0);
      const value = averagePool(plain.value as tf.Tensor4D, { size, stride, padding });
      return { ...plainMap(value), ...(plain.constant && { constant: plain.constant }) };
    },
    normalise: (name, input, border) => normalise(branch, name, input, border),
  };
}

function convolveMap(
  input: FeatureMap,
  kernel: tf.Tensor4D,
  groups: number,
  convolve: Convolve,
  options: ConvolveOptions = {},
): FeatureMap {
  const { stride = 1, dilation: apart = 1 } = options;
  const dilation = [apart, apart] as const;
  const half = (taps: number): number => Math.max(0, (((taps - 1) * apart + 1) >> 1) - input.border);
  const padding = options.padding ?? [half(kernel.shape[0]), half(kernel.shape[1])];
  const { constant } = input;
  if (constant && padding[0] + padding[1] > 0) {
    // Zeros beyond the border interrupt the constant: it can no longer be carried past the convolution.
    const value = convolve(materialise(input, padding), kernel, { stride, padding: [0, 0], groups, dilation });
    return plainMap(value);
  }
  const pending = input.pending ? input.border : 0;
  const value = convolve(input.value as tf.Tensor4D, kernel, {
    stride,
    padding: [padding[0] + pending, padding[1] + pending],
    groups,
    dilation,
  });
  if (!constant) return plainMap(value);
  return { ...plainMap(value), constant: () => convolveConstant(constant() as tf.Tensor1D, kernel, groups) };
}
