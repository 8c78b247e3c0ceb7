import { FileError, parseJson } from '../files/index.js';
import { bytesOf, type Dtype, dtypeOf, isDtype, sizeOf, type TensorValues, widen } from './dtype.js';

/** An array of a safetensors file. */
export interface StoredTensor {
  /** As in the file; `F16` and `BF16` are widened to float32 on reading, which is exact. */
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly values: TensorValues;
}

export interface Safetensors {
  /** By name, in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What to write: the dtype follows from the kind of array. */
export type TensorsToWrite = ReadonlyMap<string, Pick<StoredTensor, 'shape' | 'values'>>;

// The format's own limit on the header is 100 MB; a third of it still describes some 300,000 tensors.
const MAX_HEADER = 32 * 2 ** 20;
const MAX_RANK = 8;
const METADATA = '__metadata__';

/**
 * The bytes of a safetensors file (https://github.com/huggingface/safetensors#format): eight bytes with the length of the
 * header, the header as JSON, the arrays one after another. The result has a buffer of its own.
 *
 * @throws RangeError when a shape does not fit its values, or a name is reserved.
 */
export function encodeSafetensors(
  tensors: TensorsToWrite,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  // Widest first, so that each array starts at a multiple of its own element's size.
  const ordered = [...tensors].sort(([, a], [, b]) => sizeOf(dtypeOf(b.values)) - sizeOf(dtypeOf(a.values)));
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : [];
  let end = 0;
  for (const [name, { shape, values }] of ordered) {
    if (name === METADATA) throw new RangeError(`no tensor can be named ${METADATA}`);
    if (product(shape) !== values.length)
      throw new RangeError(`tensor ${name} has shape [${shape}] but ${values.length} values`);
    const begin = end;
    end += values.byteLength;
    entries.push([name, { dtype: dtypeOf(values), shape, data_offsets: [begin, end] }]);
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const header = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.allocUnsafeSlow(8 + header + end);
  bytes.writeBigUInt64LE(BigInt(header));
  bytes.fill(' ', 8 + json.copy(bytes, 8), 8 + header);
  let at = 8 + header;
  for (const [, { values }] of ordered) {
    bytes.set(bytesOf(values), at);
    at += values.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file: nothing in the header is believed before it is checked, every byte behind it must belong to
 * exactly one tensor. Arrays are views of `bytes` where their place allows it.
 *
 * @param path what the error messages call the bytes
 * @throws FileError naming the file, the tensor, what was found and what was expected.
 */
export function decodeSafetensors(bytes: Uint8Array, path: string): Safetensors {
  const data = 8 + headerLength(bytes, path);
  const header = parseJson(bytes.subarray(8, data), `${path} (header)`, { maxDepth: 3 }) as Record<string, unknown>;
  const { [METADATA]: metadata = {}, ...rest } = header;
  const entries = Object.entries(rest).map(([name, entry]) => checkedEntry(name, entry, path));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, bytes.length - data, path);
  const tensors = entries.map(({ name, dtype, shape, begin, end }) => {
    return [name, { dtype, shape, values: widen(dtype, bytes.subarray(data + begin, data + end)) }] as const;
  });
  return { tensors: new Map(tensors), metadata: checkedMetadata(metadata, path) };
}

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Of the tensor's bytes, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

function headerLength(bytes: Uint8Array, path: string): number {
  if (bytes.length < 8) throw new FileError(path, `has ${bytes.length} bytes; a safetensors file has at least 10`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) throw new FileError(path, `announces a header of ${length} bytes; at most ${MAX_HEADER}`);
  if (Number(length) > bytes.length - 8)
    throw new FileError(path, `announces a header of ${length} bytes, but only ${bytes.length - 8} follow`);
  if (bytes[8] !== 0x7b) throw new FileError(path, "has a header that does not start with '{'");
  return Number(length);
}

function checkedEntry(name: string, value: unknown, path: string): Entry {
  const refuse = (found: string, expected: string): never => {
    throw new FileError(path, `tensor '${name}' has ${found}; expected ${expected}`);
  };
  const { dtype, shape, data_offsets: offsets, ...unknown } = asRecord(value) ?? refuse('no description', 'an object');
  const extra = Object.keys(unknown)[0];
  if (extra !== undefined) refuse(`an unknown key '${extra}'`, 'dtype, shape and data_offsets');
  if (!isDtype(dtype)) return refuse(`dtype ${JSON.stringify(dtype)}`, 'F64, F32, F16, BF16, I64, I32 or U8');
  if (!isCounts(shape) || shape.length > MAX_RANK)
    return refuse(`shape ${JSON.stringify(shape)}`, `at most ${MAX_RANK} sizes`);
  if (!isCounts(offsets) || offsets.length !== 2)
    return refuse(`data_offsets ${JSON.stringify(offsets)}`, 'the begin and the end of its bytes');
  const [begin, end] = offsets as [number, number];
  const size = product(shape) * sizeOf(dtype);
  if (end - begin !== size)
    refuse(`${end - begin} bytes (${begin} to ${end})`, `${size} for ${dtype} of shape [${shape}]`);
  return { name, dtype, shape, begin, end };
}

/** @param entries in the order of their bytes */
function checkCover(entries: readonly Entry[], length: number, path: string): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin < covered)
      throw new FileError(path, `tensor '${name}' starts at byte ${begin}, inside the one before it`);
    if (begin > covered) throw new FileError(path, `bytes ${covered} to ${begin} belong to no tensor`);
    covered = end;
  }
  if (covered > length) throw new FileError(path, `describes ${covered} bytes of tensors, but holds ${length}`);
  if (covered < length) throw new FileError(path, `holds ${length} bytes of tensors, but describes ${covered}`);
}

function checkedMetadata(value: unknown, path: string): Record<string, string> {
  const record = asRecord(value);
  if (!record || !Object.values(record).every((text) => typeof text === 'string'))
    throw new FileError(path, `has ${METADATA} that does not map names to texts`);
  return record as Record<string, string>;
}

const asRecord = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);

const product = (shape: readonly number[]): number => shape.reduce((size, count) => size * count, 1);
