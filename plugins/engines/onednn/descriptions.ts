import { MAX_DIMENSIONS } from './ffi/constants.js';
import type { Description, Dimensions, Handle } from './ffi/interface.js';
import type { Runtime } from './runtime.js';

/** Descriptions of tensors, which live as long as the compilation that they are made in. */

export function dimensions(values: readonly number[]): Dimensions {
  const dims = new BigInt64Array(MAX_DIMENSIONS);
  values.forEach((value, index) => {
    dims[index] = BigInt(value);
  });
  return dims;
}

/** @throws Error where the library would be asked for a tensor without values, of which it makes something else. */
function checkSizes(shape: readonly number[]): void {
  if (shape.length > MAX_DIMENSIONS || shape.some((length) => !Number.isInteger(length) || length < 1))
    throw new Error(`a tensor of shape [${shape}]: sizes must be whole and positive, ${MAX_DIMENSIONS} at the most`);
}

/** Float32 with the given strides, in elements. */
export function strided(runtime: Runtime, shape: readonly number[], strides: readonly number[]): Description {
  checkSizes(shape);
  const name = `description of [${shape}] with strides [${strides}]`;
  return runtime.keep(runtime.functions.describe(name, shape.length, dimensions(shape), dimensions(strides)));
}

/** Float32, rows in order. */
export const dense = (runtime: Runtime, shape: readonly number[]): Description =>
  strided(runtime, shape, rowStrides(shape));

/** Float32 in whatever layout the primitive likes best. */
export function free(runtime: Runtime, shape: readonly number[]): Description {
  checkSizes(shape);
  return runtime.keep(runtime.functions.describeFree(`description of [${shape}]`, shape.length, dimensions(shape)));
}

/** Images `[N,H,W,C]` in whatever layout the primitive likes best. */
export const freeImages = (runtime: Runtime, [n, h, w, c]: readonly [number, number, number, number]): Description =>
  free(runtime, [n, c, h, w]);

/** Images `[N,H,W,C]`, which oneDNN counts as N, C, H, W. */
export function images(runtime: Runtime, [n, h, w, c]: readonly [number, number, number, number]): Description {
  return strided(runtime, [n, c, h, w], [h * w * c, 1, w * c, c]);
}

/** The part of images `[N,H,W,C]` of this size, `[height, width]`, from a pixel on: within their array, not copied. */
export function partOfImages(
  runtime: Runtime,
  whole: readonly [number, number, number, number],
  [height, width]: readonly [number, number],
  [row, column]: readonly [number, number],
): Description {
  const [n, , , c] = whole;
  const [shape, begin] = [dimensions([n, c, height, width]), dimensions([0, 0, row, column])];
  const name = `part ${height}x${width} of images [${whole}] from ${row},${column} on`;
  return runtime.keep(runtime.functions.describePart(name, images(runtime, whole), shape, begin));
}

/** The layout that an operation chose for one of its arguments; undefined where it has no such argument. */
export function queried(runtime: Runtime, descriptor: Handle, what: number): Description | undefined {
  const found = runtime.functions.describeChosen(descriptor, what);
  return found && runtime.keep(found);
}

export const equal = ({ functions }: Runtime, a: Description, b: Description): boolean =>
  functions.descriptionsEqual(a, b) === 1;

export const bytesOf = ({ functions }: Runtime, description: Description): number =>
  Number(functions.descriptionSize(description));

export function rowStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}
