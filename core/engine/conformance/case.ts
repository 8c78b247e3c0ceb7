import type { KernelCall } from './run.js';
import type { Values } from './values.js';

/** A kernel's call, and the calls of its gradient kernels, which read what the kernel gave. */
export interface ConformanceCase {
  readonly title: string;
  readonly call: KernelCall;
  /** Given the outputs of `call`. Default: none. */
  readonly gradients?: (outputs: readonly Values[]) => readonly KernelCall[];
}

export type Shape = readonly [number, number, number, number];
