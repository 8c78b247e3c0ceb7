import { FLOAT32, FORMAT_ANY, MAX_DIMENSIONS, SIZE } from './abi.js';
import type { Handle } from './library.js';
import { type Runtime, succeed } from './runtime.js';

/** oneDNN's description of a tensor: sizes and layout. Never holds data. */
export type Description = Uint8Array;

export function dimensions(values: readonly number[]): BigInt64Array {
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
export function strided({ functions }: Runtime, shape: readonly number[], strides: readonly number[]): Description {
  checkSizes(shape);
  const description = new Uint8Array(SIZE.memory);
  const status = functions.describeByStrides(
    description,
    shape.length,
    dimensions(shape),
    FLOAT32,
    dimensions(strides),
  );
  succeed(`description of [${shape}] with strides [${strides}]`, status);
  return description;
}

/** Float32, rows in order. */
export const dense = (runtime: Runtime, shape: readonly number[]): Description =>
  strided(runtime, shape, rowStrides(shape));

/** Float32 in whatever layout the primitive likes best. */
export function free({ functions }: Runtime, shape: readonly number[]): Description {
  checkSizes(shape);
  const description = new Uint8Array(SIZE.memory);
  const status = functions.describeByTag(description, shape.length, dimensions(shape), FLOAT32, FORMAT_ANY);
  succeed(`description of [${shape}]`, status);
  return description;
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
  const description = new Uint8Array(SIZE.memory);
  const [shape, begin] = [dimensions([n, c, height, width]), dimensions([0, 0, row, column])];
  succeed(
    `part ${height}x${width} of images [${whole}] from ${row},${column} on`,
    runtime.functions.describePart(description, images(runtime, whole), shape, begin),
  );
  return description;
}

/** A kernel's description of one of its arguments; undefined where it has none. */
export function queried({ functions }: Runtime, descriptor: Handle, what: number): Description | undefined {
  const address = functions.descriptorQuery(descriptor, what, 0);
  if (!address) return undefined;
  const description = new Uint8Array(SIZE.memory);
  functions.copy(description, address, SIZE.memory);
  return description;
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
