import { isShape4, type Shape4, sizeOf } from './geometry.js';

/** @throws Error where a tensor is not of the shape that the other arguments ask for. */
export function expectShape(
  name: string,
  argument: string,
  found: readonly number[],
  expected: readonly number[],
): void {
  let alike = found.length === expected.length;
  for (let axis = 0; alike && axis < found.length; axis++) alike = found[axis] === expected[axis];
  if (!alike) throw new Error(`${name}: ${argument} has shape [${found}], expected [${expected}]`);
}

/** @throws Error where a kernel does not have so many rows, one for each tap and input channel, and outputs. */
export function expectRows(
  name: string,
  argument: string,
  found: readonly number[],
  rows: number,
  outputs: number,
): void {
  if (found.at(-1) !== outputs || sizeOf(found) !== rows * outputs)
    throw new Error(`${name}: ${argument} has shape [${found}], expected ${rows} rows of ${outputs} outputs`);
}

/** @throws Error where a shape does not have four axes. */
export function shape4(name: string, argument: string, shape: readonly number[]): Shape4 {
  if (!isShape4(shape)) throw new Error(`${name}: ${argument} has shape [${shape}], expected four axes`);
  return shape;
}
