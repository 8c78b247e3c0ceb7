import { type Dtype, sizeOf } from './dtype.js';
import { type Buildable, PickleError, PickleFunction, type PickleValue } from './pickle-values.js';
import { denseStrides, PthTensor } from './pth-tensor.js';

/**
 * What pickles name of numpy: arrays, their element types and single numbers. An array is known once its state is given; until then,
 * and where its elements are no numbers (objects, texts), it is nothing that a network could need.
 */

/** Element types by numpy's letter and size; big-endian ones are not read. */
const TYPES: Readonly<Record<string, Dtype>> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  i8: 'I64',
  u8: 'U64',
  i4: 'I32',
  u4: 'U32',
  i2: 'I16',
  u2: 'U16',
  i1: 'I8',
  u1: 'U8',
  b1: 'BOOL',
};

/** The element type of a description as `<f4`; undefined where it is none of numbers, or big-endian. */
export const numpyDtype = (description: string): Dtype | undefined => {
  const [, order, type] = /^([<>|=]?)(\w\d{1,2})$/.exec(description) ?? [];
  const dtype = type === undefined ? undefined : TYPES[type];
  return dtype && (order !== '>' || sizeOf(dtype) === 1) ? dtype : undefined;
};

/** An element type, whose byte order its state tells. */
class NumpyType implements Buildable {
  readonly #name: string;
  #order = '';

  constructor(name: string) {
    this.#name = name;
  }

  build(state: PickleValue): void {
    const order: unknown = Array.isArray(state) ? state[1] : undefined;
    if (typeof order === 'string') this.#order = order;
  }

  get dtype(): Dtype | undefined {
    return numpyDtype(this.#order + this.#name);
  }
}

/** An array, which is a tensor once it has its numbers. */
export class NumpyArray implements Buildable {
  tensor: PthTensor | undefined;

  build(state: PickleValue): void {
    if (!Array.isArray(state)) throw new PickleError('an array of numpy whose state is no tuple');
    const [, shape, type, columns, bytes] = state as readonly PickleValue[];
    if (type instanceof NumpyType && bytes instanceof Uint8Array) this.set(bytes, type, shape, columns === true);
  }

  set(bytes: Uint8Array, type: NumpyType, shape: PickleValue | undefined, columns: boolean): this {
    const { dtype } = type;
    if (dtype) this.tensor = inlineTensor(dtype, bytes, shape, columns);
    return this;
  }
}

/** @throws PickleError when the bytes are not those of the shape */
export function inlineTensor(
  dtype: Dtype,
  bytes: Uint8Array,
  shape: PickleValue | undefined,
  columns = false,
): PthTensor {
  if (!Array.isArray(shape) || shape.length > 32 || !shape.every(isCount))
    throw new PickleError('an array whose shape is none');
  const size = shape.reduce((product: number, length: number) => product * length, 1) * sizeOf(dtype);
  if (size !== bytes.length)
    throw new PickleError(`an array of [${shape}] takes ${size} bytes, but has ${bytes.length}`);
  return new PthTensor({ dtype, storage: '', offset: 0, shape, strides: denseStrides(shape, columns), inline: bytes });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const reconstruct = new PickleFunction(() => new NumpyArray());

/** Pickles of protocol 5 name the bytes, the type, the shape and the order at once. */
const fromBuffer = new PickleFunction(([bytes, type, shape, order]) => {
  const array = new NumpyArray();
  return bytes instanceof Uint8Array && type instanceof NumpyType
    ? array.set(bytes, type, shape, order === 'F')
    : array;
});

const type = new PickleFunction(([name]) => new NumpyType(typeof name === 'string' ? name : ''));

/** Python 2's way, which protocol 2 keeps, to hold bytes: as a text, encoded. */
const encode = new PickleFunction(([text]) => Buffer.from(typeof text === 'string' ? text : '', 'latin1'));

/** Numpy 2 moved `core` to `_core`. */
export const NUMPY_GLOBALS: readonly (readonly [string, object])[] = [
  ...['numpy.core', 'numpy._core'].flatMap((module): [string, object][] => [
    [`${module}.multiarray._reconstruct`, reconstruct],
    [`${module}.numeric._frombuffer`, fromBuffer],
  ]),
  ['numpy.dtype', type],
  ['_codecs.encode', encode],
];
