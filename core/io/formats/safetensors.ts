import type { FileParts } from '../../contracts/file.js';
import { FileError, parseJson } from '../files/index.js';
import {
  bytesOf,
  type Dtype,
  DTYPES,
  dtypeOf,
  isDtype,
  sizeOf,
  type TensorValues,
  type WrittenDtype,
  widen,
} from './dtype.js';
import { repeatedKey } from './repeated-key.js';

/** An array of a safetensors file. */
export interface StoredTensor {
  /** As in the file; values of the smaller ones are widened on reading, which is exact. */
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

/** An array that is made when it is written. */
export interface LazyTensor {
  readonly dtype: WrittenDtype;
  readonly shape: readonly number[];
  values(): TensorValues;
}

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
  const lazy = [...tensors].map(([name, { shape, values }]) => {
    if (product(shape) !== values.length)
      throw new RangeError(`tensor ${name} has shape [${shape}] but ${values.length} values`);
    return [name, { dtype: dtypeOf(values), shape, values: () => values }] as const;
  });
  const { byteLength, parts } = safetensorsParts(new Map(lazy), metadata);
  const bytes = Buffer.allocUnsafeSlow(byteLength);
  let at = 0;
  for (const part of parts()) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The same file, each array made when it is written. @throws RangeError when a name is reserved. */
export function safetensorsParts(
  tensors: ReadonlyMap<string, LazyTensor>,
  metadata: Readonly<Record<string, string>> = {},
): FileParts {
  // Widest first, so that each array starts at a multiple of its own element's size.
  const ordered = [...tensors].sort(([, a], [, b]) => sizeOf(b.dtype) - sizeOf(a.dtype));
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : [];
  let end = 0;
  for (const [name, { dtype, shape }] of ordered) {
    if (name === METADATA) throw new RangeError(`no tensor can be named ${METADATA}`);
    const begin = end;
    end += product(shape) * sizeOf(dtype);
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  json.copy(header, 8);
  return {
    byteLength: header.length + end,
    *parts() {
      yield header;
      for (const [, { values }] of ordered) yield bytesOf(values());
    },
  };
}

/**
 * Reads a safetensors file: nothing in the header is believed before it is checked, every byte behind it must belong to
 * exactly one tensor. Arrays are views of `bytes` where their place allows it.
 *
 * @param path what the error messages call the bytes
 * @throws FileError naming the file, the tensor, what was found and what was expected.
 */
export function decodeSafetensors(bytes: Uint8Array, path: string): Safetensors {
  const data = 8 + headerLength(bytes, bytes.length, path);
  const { entries, metadata } = decodeHeader(bytes.subarray(8, data), bytes.length - data, path);
  const tensors = entries.map(({ name, dtype, shape, begin, end }) => {
    return [name, { dtype, shape, values: widen(dtype, bytes.subarray(data + begin, data + end)) }] as const;
  });
  return { tensors: new Map(tensors), metadata };
}

/** Where the tensors of a safetensors file lie. */
export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * @param header the JSON
 * @param length bytes behind it
 */
export function decodeHeader(header: Uint8Array, length: number, path: string): SafetensorsHeader {
  const described = parseJson(header, `${path} (header)`, { maxDepth: 3 }) as Record<string, unknown>;
  const repeated = repeatedKey(header);
  if (repeated !== undefined)
    throw new FileError(path, `describes '${repeated}' twice; the format wants each name once`);
  const { [METADATA]: metadata = {}, ...rest } = described;
  const entries = Object.entries(rest).map(([name, entry]) => checkedEntry(name, entry, path));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, length, path);
  return { entries, metadata: checkedMetadata(metadata, path) };
}

export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Of the tensor's bytes, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/** Bytes of the header, from a file's first nine bytes. @param size bytes of the file */
export function headerLength(bytes: Uint8Array, size: number, path: string): number {
  if (size < 8) throw new FileError(path, `has ${size} bytes; a safetensors file has at least 10`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) throw new FileError(path, `announces a header of ${length} bytes; at most ${MAX_HEADER}`);
  if (Number(length) > size - 8)
    throw new FileError(path, `announces a header of ${length} bytes, but only ${size - 8} follow`);
  if (bytes[8] !== 0x7b) throw new FileError(path, "has a header that does not start with '{'");
  return Number(length);
}

function checkedEntry(name: string, value: unknown, path: string): SafetensorsEntry {
  const refuse = (found: string, expected: string): never => {
    throw new FileError(path, `tensor '${name}' has ${found}; expected ${expected}`);
  };
  const { dtype, shape, data_offsets: offsets, ...unknown } = asRecord(value) ?? refuse('no description', 'an object');
  const extra = Object.keys(unknown)[0];
  if (extra !== undefined) refuse(`an unknown key '${extra}'`, 'dtype, shape and data_offsets');
  if (!isDtype(dtype)) return refuse(`dtype ${JSON.stringify(dtype)}`, `one of ${DTYPES.join(', ')}`);
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
function checkCover(entries: readonly SafetensorsEntry[], length: number, path: string): void {
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
