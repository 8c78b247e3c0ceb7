import type { Dtype, TensorValues } from './dtype.js';

/** A tensor of a PyTorch file, whose numbers have not been read: a view of a storage. */
export class PthTensor {
  readonly dtype: Dtype;
  /** Name of the storage's record. */
  readonly storage: string;
  /** In elements, as the strides. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(fields: Pick<PthTensor, 'dtype' | 'storage' | 'offset' | 'shape' | 'strides'>) {
    this.dtype = fields.dtype;
    this.storage = fields.storage;
    this.offset = fields.offset;
    this.shape = fields.shape;
    this.strides = fields.strides;
  }

  get size(): number {
    return this.shape.reduce((product, length) => product * length, 1);
  }

  /** Index of the last element in the storage; -1 where there is none. */
  get last(): number {
    if (this.size === 0) return -1;
    return this.shape.reduce((sum, length, axis) => sum + (length - 1) * (this.strides[axis] ?? 0), this.offset);
  }
}

/** The tensor's elements in row-major order: a view of the storage where they lie so in it, a copy elsewhere. */
export function contiguous(storage: TensorValues, tensor: PthTensor): TensorValues {
  const { offset, shape, strides, size } = tensor;
  let expected = size;
  const inOrder = shape.every((length, axis) => {
    expected /= length;
    return length === 1 || strides[axis] === expected;
  });
  if (inOrder || size === 0) return storage.subarray(offset, offset + size);
  const result = storage.slice(0, size);
  const index = new Array<number>(shape.length).fill(0);
  let from = offset;
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
