import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { withFile } from '../../core/train/data/index.js';

/** An array of bytes, the last dimension running fastest. */
export interface IdxArray {
  readonly dimensions: readonly number[];
  readonly data: Uint8Array;
}

const MAGIC = 0x0800;
const LARGEST = 2 ** 31;

/** Deflate makes data smaller by this factor at most, which bounds what a packed file can hold before it is unpacked. */
const DEFLATE_RATIO = 1032;

/**
 * Reads an array of unsigned bytes in the format of the MNIST files (http://yann.lecun.com/exdb/mnist), plain or packed by
 * gzip, whatever the name says. Memory is taken only once the file's size allows for what its header announces.
 *
 * @param ranks Numbers of dimensions that are wanted.
 * @throws Error naming the file, what was found and what was expected.
 */
export async function readIdx(path: string, ranks: readonly number[], advice: string): Promise<IdxArray> {
  return withFile(path, advice, async (file, size) => {
    const packed = await isGzip(file);
    const parse = parser(path, ranks, packed ? size * DEFLATE_RATIO : size, advice);
    const source = file.createReadStream({ start: 0, autoClose: false });
    const chunks = packed ? unpack(source) : source;
    try {
      return await parse(chunks);
    } catch (error) {
      if (!(error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw error;
      throw new Error(`${path}: is a damaged gzip file (${(error as Error).message}); ${advice}`, { cause: error });
    } finally {
      source.destroy();
      chunks.destroy();
    }
  });
}

function unpack(source: Readable): Readable {
  const unpacked = createGunzip();
  source.on('error', (error) => unpacked.destroy(error));
  return source.pipe(unpacked);
}

async function isGzip(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}

/** Reads the array from the chunks of the unpacked file, of which there are at most `available` bytes. */
const parser =
  (path: string, ranks: readonly number[], available: number, advice: string) =>
  async (chunks: AsyncIterable<Uint8Array>): Promise<IdxArray> => {
    let start = Buffer.alloc(0);
    let array: IdxArray | undefined;
    let filled = 0;
    for await (const chunk of chunks) {
      let rest = chunk;
      if (!array) {
        start = Buffer.concat([start, chunk]);
        const dimensions = readHeader(path, start, ranks, advice);
        if (!dimensions) continue;
        const headerSize = 4 + 4 * dimensions.length;
        array = { dimensions, data: allocate(path, dimensions, available - headerSize, advice) };
        rest = start.subarray(headerSize);
      }
      if (filled + rest.length > array.data.length) {
        throw new Error(
          `${path}: holds more than the ${array.data.length} bytes of ${array.dimensions.join('x')}; ${advice}`,
        );
      }
      array.data.set(rest, filled);
      filled += rest.length;
    }
    if (array && filled === array.data.length) return array;
    const expected = array ? `${array.data.length} bytes of ${array.dimensions.join('x')}` : 'a whole header';
    throw new Error(`${path}: ends after ${array ? filled : start.length} bytes; expected ${expected}; ${advice}`);
  };

/** The dimensions, or nothing when more bytes are needed. */
function readHeader(
  path: string,
  bytes: Buffer,
  ranks: readonly number[],
  advice: string,
): readonly number[] | undefined {
  if (bytes.length < 4) return undefined;
  const rank = bytes.readUInt32BE(0) - MAGIC;
  if (!ranks.includes(rank)) {
    const expected = ranks.map((count) => hexadecimal(MAGIC + count)).join(' or ');
    throw new Error(`${path}: starts with ${hexadecimal(bytes.readUInt32BE(0))}; expected ${expected}; ${advice}`);
  }
  if (bytes.length < 4 + 4 * rank) return undefined;
  return Array.from({ length: rank }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
}

function allocate(path: string, dimensions: readonly number[], available: number, advice: string): Uint8Array {
  const length = dimensions.reduce((product, count) => product * count, 1);
  if (length >= 1 && length <= Math.min(available, LARGEST)) return new Uint8Array(length);
  throw new Error(
    `${path}: announces ${dimensions.join('x')} = ${length} bytes; expected 1 to ${Math.min(available, LARGEST)}, which is what the file can hold; ${advice}`,
  );
}

const hexadecimal = (word: number): string => `0x${word.toString(16).padStart(8, '0')}`;
