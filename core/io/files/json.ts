import { FileError } from './error.js';
import { readBytes } from './read.js';

export interface JsonLimits {
  /** @default 16 MiB */
  readonly maxBytes?: number;
  /** Objects and arrays within one another. @default 64 */
  readonly maxDepth?: number;
}

const MAX_BYTES = 2 ** 24;
const MAX_DEPTH = 64;

/** @throws FileError naming the file, when it cannot be read or is not JSON within the limits. */
export const readJson = (path: string, limits: JsonLimits = {}): unknown =>
  parseJson(readBytes(path, { maxBytes: limits.maxBytes ?? MAX_BYTES }), path, limits);

/**
 * JSON from bytes nobody vouches for: strict UTF-8, limited in depth before anything is built, and without `__proto__`
 * keys (assigning them on would change an object's prototype).
 *
 * @param path what the error messages call the bytes
 * @throws FileError
 */
export function parseJson(bytes: Uint8Array, path: string, { maxDepth = MAX_DEPTH }: JsonLimits = {}): unknown {
  if (bytes.length === 0) throw new FileError(path, 'is empty; expected JSON');
  if (depth(bytes) > maxDepth)
    throw new FileError(path, `nests more than ${maxDepth} objects and arrays within one another`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new FileError(path, `is not JSON: ${(error as Error).message}`, { cause: error });
  }
  refusePrototypes(value, path);
  return value;
}

/** How deep objects and arrays nest. */
function depth(bytes: Uint8Array): number {
  const [quote, backslash, openers, closers] = [0x22, 0x5c, [0x5b, 0x7b], [0x5d, 0x7d]];
  let inString = false;
  let level = 0;
  let deepest = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (inString) {
      if (byte === backslash) at++;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else if (openers.includes(byte)) deepest = Math.max(deepest, ++level);
    else if (closers.includes(byte)) level--;
  }
  return deepest;
}

function refusePrototypes(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) throw new FileError(path, "has a key '__proto__', which is not allowed");
  for (const inner of Object.values(value)) refusePrototypes(inner, path);
}
