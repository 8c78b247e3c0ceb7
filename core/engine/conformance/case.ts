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

export type Shape = readonly [number, number, number, number];
