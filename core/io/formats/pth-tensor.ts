import { type Dtype, sizeOf, type TensorValues, widen } from './dtype.js';

/** A tensor of a PyTorch or numpy file, whose numbers have not been read: a view of a storage. */
export class PthTensor {
  readonly dtype: Dtype;
  /** Name of the storage's record; empty where the pickle itself holds the numbers. */
  readonly storage: string;
  /** In elements, as the strides. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** The numbers, where the pickle itself holds them. */
  readonly inline: Uint8Array | undefined;

  constructor(fields: Pick<PthTensor, 'dtype' | 'storage' | 'offset' | 'shape' | 'strides'> & { inline?: Uint8Array }) {
    this.dtype = fields.dtype;
    this.storage = fields.storage;
    this.offset = fields.offset;
    this.shape = fields.shape;
    this.strides = fields.strides;
    this.inline = fields.inline;
  }

  get size(): number {
    return this.shape.reduce((product, length) => product * length, 1);
  }

  /** Index of the last element in the storage; -1 where there is none. */
  get last(): number {
    if (this.size === 0) return -1;
    return this.shape.reduce((sum, length, axis) => sum + (length - 1) * (this.strides[axis] ?? 0), this.offset);
  }

  get bytes(): number {
    return this.size * sizeOf(this.dtype);
  }

  /** Its elements in row-major order, of the bytes of its storage: no more of them is looked at than it has. */
  valuesOf(storage: Uint8Array): TensorValues {
    const size = sizeOf(this.dtype);
    const first = this.size === 0 ? 0 : this.offset;
    const part = storage.subarray(first * size, (this.last + 1) * size);
    return contiguous(widen(this.dtype, part), this.shape, this.strides);
  }
}

/** Elements in row-major order: a view of the storage where they lie so in it, a copy elsewhere. */
function contiguous(storage: TensorValues, shape: readonly number[], strides: readonly number[]): TensorValues {
  const size = shape.reduce((product, length) => product * length, 1);
  let expected = size;
  const inOrder = shape.every((length, axis) => {
    expected /= length;
    return length === 1 || strides[axis] === expected;
  });
  if (inOrder || size === 0) return storage.subarray(0, size);
  const result = new (storage.constructor as new (length: number) => TensorValues)(size);
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < size; to++) {
    result[to] = storage[from] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [at, length, stride] = [(index[axis] ?? 0) + 1, shape[axis] ?? 0, strides[axis] ?? 0];
      from += stride;
      index[axis] = at;
      if (at < length) break;
      from -= at * stride;
      index[axis] = 0;
    }
  }
  return result;
}

/** The strides of an array that lies row by row, or column by column, as Fortran has it. */
export function denseStrides(shape: readonly number[], columns = false): readonly number[] {
  const order = shape.map((_, axis) => (columns ? axis : shape.length - 1 - axis));
  const strides = new Array<number>(shape.length).fill(1);
  let step = 1;
  for (const axis of order) {
    strides[axis] = step;
    step *= shape[axis] ?? 1;
  }
  return strides;
}
