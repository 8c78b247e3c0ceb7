import type { KernelCall } from './run.js';
import type { Values } from './values.js';

/** A call of a kernel, and the calls of its gradient kernels, which read its outputs. */
export interface ConformanceCase {
  readonly title: string;
  /** True if what is not finite may spread to values that are finite in the reference. Default: false. */
  readonly spreads?: boolean;
  readonly call: KernelCall;
  /** Calls built from the outputs of `call`. Default: none. */
  readonly gradients?: (outputs: readonly Values[]) => readonly KernelCall[];
}

/** Difference of a backend's kernel from the reference in one case. */
export interface ConformanceResult {
  /** One of ours, or one of TensorFlow.js'. */
  readonly kernel: string;
  readonly title: string;
  /**
   * Largest difference relative to the largest value of that output; infinite if shapes differ or the kernel throws.
   */
  readonly error: number;
  readonly passed: boolean;
  /** The failure, if there was one. */
  readonly problem?: string;
}

/** `[N, H, W, C]`, or that of a kernel. */
export type Shape = readonly [number, number, number, number];
