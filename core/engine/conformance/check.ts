import * as tf from '@tensorflow/tfjs-core';
import { registerReference } from '../reference.js';
import type { ConformanceResult } from './case.js';
import { conformanceCases } from './cases.js';
import { type KernelCall, run } from './run.js';
import type { Values } from './values.js';

/** Float32 sums of a few hundred terms, taken in another order, differ by about 1e-6. */
const TOLERANCE = 1e-5;

interface ReferenceCall extends KernelCall {
  readonly title: string;
  readonly expected: readonly Values[];
  readonly spreads: boolean;
}

/**
 * Compares kernels of a started backend (all, or the named ones), forward and gradient, with the reference:
 * TensorFlow.js' plain JavaScript backend, with the composed forms of our kernels. Leaves `backend` current.
 */
export async function checkConformance(
  backend: string,
  { tolerance = TOLERANCE, kernels }: { readonly tolerance?: number; readonly kernels?: readonly string[] } = {},
): Promise<ConformanceResult[]> {
  const references = await reference();
  await tf.setBackend(backend);
  const results: ConformanceResult[] = [];
  for (const call of references)
    if (kernels?.includes(call.kernel) ?? true) results.push(await compare(call, tolerance));
  return results;
}

async function reference(): Promise<ReferenceCall[]> {
  registerReference();
  await tf.setBackend('cpu');
  const calls: ReferenceCall[] = [];
  for (const { title, spreads = false, call, gradients } of conformanceCases()) {
    const expected = await run(call);
    calls.push({ ...call, title, spreads, expected });
    for (const gradient of gradients?.(expected) ?? []) {
      calls.push({ ...gradient, title, spreads, expected: await run(gradient) });
    }
  }
  return calls;
}

async function compare(call: ReferenceCall, tolerance: number): Promise<ConformanceResult> {
  const { kernel, title, expected, spreads } = call;
  const failed = (problem: string) => ({ kernel, title, error: Number.POSITIVE_INFINITY, passed: false, problem });
  try {
    const found = await run(call);
    const [shapes, wanted] = [found, expected].map((outputs) => outputs.map(({ shape }) => `[${shape}]`).join(' '));
    if (shapes !== wanted) return failed(`gives ${shapes}, expected ${wanted}`);
    const error = Math.max(
      ...expected.map((values, index) => distance(values.data, (found[index] as Values).data, spreads)),
    );
    if (error <= tolerance) return { kernel, title, error, passed: true };
    return { kernel, title, error, passed: false, problem: `differs by ${error} of the largest value` };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Returns the largest difference relative to the largest expected value that is finite; infinite if something that is not finite is
 * found where another value is expected, or the other way round. With `spreads` it may be found anywhere.
 */
export function distance(expected: Float32Array, found: Float32Array, spreads = false): number {
  let [largest, difference] = [1e-6, 0];
  for (const [index, value] of expected.entries()) {
    const there = found[index] as number;
    if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    if (Object.is(value, there) || (spreads && !Number.isFinite(there))) continue;
    const apart = Math.abs(value - there);
    difference = Number.isFinite(apart) ? Math.max(difference, apart) : Number.POSITIVE_INFINITY;
  }
  return difference / largest;
}
