/**
 * Element types of stored arrays. All are read; those that JavaScript has no array for are widened, which is exact: half and quarter
 * precision to float32, short integers to int32, unsigned ones to the next that holds them.
 */
export type Dtype = keyof typeof SIZES;

/** Element types that are written. */
export type WrittenDtype = 'F64' | 'F32' | 'I64' | 'I32' | 'U8';

export type TensorValues = Float64Array | Float32Array | BigInt64Array | Int32Array | Uint8Array;

const SIZES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

/** Every element type by its name in safetensors files. */
export const DTYPES = Object.keys(SIZES) as readonly Dtype[];

export const isDtype = (value: unknown): value is Dtype => typeof value === 'string' && Object.hasOwn(SIZES, value);

/** Bytes of one element. */
export const sizeOf = (dtype: Dtype): number => SIZES[dtype];

export function dtypeOf(values: TensorValues): WrittenDtype {
  if (values instanceof Float64Array) return 'F64';
  if (values instanceof Float32Array) return 'F32';
  if (values instanceof BigInt64Array) return 'I64';
  return values instanceof Int32Array ? 'I32' : 'U8';
}

/** The bytes under an array. */
export const bytesOf = (values: TensorValues): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Little-endian bytes as an array. A view where the bytes start at a multiple of the element's size, a copy elsewhere. */
export function widen(dtype: Dtype, bytes: Uint8Array): TensorValues {
  const { buffer, byteOffset, length } = bytes.byteOffset % SIZES[dtype] === 0 ? bytes : new Uint8Array(bytes);
  const count = length / SIZES[dtype];
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer, byteOffset, count);
    case 'F32':
      return new Float32Array(buffer, byteOffset, count);
    case 'F16':
      return halves(new Uint16Array(buffer, byteOffset, count));
    case 'BF16':
      return new Float32Array(
        Uint32Array.from(new Uint16Array(buffer, byteOffset, count), (bits) => bits << 16).buffer,
      );
    case 'F8_E4M3':
      return Float32Array.from(new Uint8Array(buffer, byteOffset, count), (bits) => E4M3[bits] as number);
    // The upper half of a float16.
    case 'F8_E5M2':
      return Float32Array.from(new Uint8Array(buffer, byteOffset, count), (bits) => halfToNumber(bits << 8));
    case 'I64':
    case 'U64':
      return new BigInt64Array(buffer, byteOffset, count);
    case 'I32':
      return new Int32Array(buffer, byteOffset, count);
    case 'U32':
      return BigInt64Array.from(new Uint32Array(buffer, byteOffset, count), BigInt);
    case 'I16':
      return Int32Array.from(new Int16Array(buffer, byteOffset, count));
    case 'U16':
      return Int32Array.from(new Uint16Array(buffer, byteOffset, count));
    case 'I8':
      return Int32Array.from(new Int8Array(buffer, byteOffset, count));
    case 'U8':
    case 'BOOL':
      return new Uint8Array(buffer, byteOffset, count);
  }
}

function halves(bits: Uint16Array): Float32Array {
  const result = new Float32Array(bits.length);
  for (let at = 0; at < bits.length; at++) result[at] = halfToNumber(bits[at] as number);
  return result;
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Sign, 4 bits of exponent, 3 of fraction, no infinities (arXiv 2209.05433). */
const E4M3: readonly number[] = Array.from({ length: 256 }, (_, bits) => {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >> 3) & 0xf;
  const fraction = bits & 7;
  if (exponent === 0xf && fraction === 7) return Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -9 : sign * (1 + fraction / 8) * 2 ** (exponent - 7);
});
