/** Element types that are read; all but `F16` and `BF16` are written too. */
export type Dtype = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'U8';

export type TensorValues = Float64Array | Float32Array | BigInt64Array | Int32Array | Uint8Array;

const SIZES: Readonly<Record<Dtype, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1 };

export const isDtype = (value: unknown): value is Dtype => typeof value === 'string' && Object.hasOwn(SIZES, value);

/** Bytes of one element. */
export const sizeOf = (dtype: Dtype): number => SIZES[dtype];

export function dtypeOf(values: TensorValues): Exclude<Dtype, 'F16' | 'BF16'> {
  if (values instanceof Float64Array) return 'F64';
  if (values instanceof Float32Array) return 'F32';
  if (values instanceof BigInt64Array) return 'I64';
  return values instanceof Int32Array ? 'I32' : 'U8';
}

/** The bytes under an array. */
export const bytesOf = (values: TensorValues): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/**
 * Little-endian bytes as an array; half precision widened to float32. A view where the bytes start at a multiple of the
 * element's size, a copy elsewhere.
 */
export function widen(dtype: Dtype, bytes: Uint8Array): TensorValues {
  const { buffer, byteOffset, length } = bytes.byteOffset % SIZES[dtype] === 0 ? bytes : new Uint8Array(bytes);
  const count = length / SIZES[dtype];
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer, byteOffset, count);
    case 'F32':
      return new Float32Array(buffer, byteOffset, count);
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count), halfToNumber);
    case 'BF16':
      return new Float32Array(
        Uint32Array.from(new Uint16Array(buffer, byteOffset, count), (bits) => bits << 16).buffer,
      );
    case 'I64':
      return new BigInt64Array(buffer, byteOffset, count);
    case 'I32':
      return new Int32Array(buffer, byteOffset, count);
    case 'U8':
      return new Uint8Array(buffer, byteOffset, count);
  }
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
