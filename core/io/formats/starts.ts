import { openRegular } from '../files/index.js';

/**
 * What kind of file stands behind a name: its first bytes tell, whatever its ending. People rename checkpoints, and many have no
 * ending at all.
 */
export type FileStart =
  | 'safetensors'
  | 'zip'
  | 'legacy-torch'
  | 'pickle'
  | 'json'
  | 'gzip'
  | 'hdf5'
  | 'npy'
  | 'gguf'
  | 'tar'
  | 'unknown';

/** `torch.save` before 1.6 begins with this number, as a pickle of protocol 2 (or later) of its own. */
const LEGACY_MAGIC = Buffer.from('8a0a6cfc9c46f9206aa850192e', 'hex');

const STARTS: readonly (readonly [FileStart, string])[] = [
  ['zip', 'PK\x03\x04'],
  ['zip', 'PK\x05\x06'],
  ['gzip', '\x1f\x8b'],
  ['hdf5', '\x89HDF\r\n\x1a\n'],
  ['npy', '\x93NUMPY'],
  ['gguf', 'GGUF'],
];

/** As much as a header of tar needs to be known. */
const LONGEST = 512;

/** Reads the first bytes of a regular file. @throws FileError when it is none, or cannot be read. */
export async function startOf(path: string): Promise<FileStart> {
  const file = await openRegular(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST), 0, LONGEST, 0);
    return kindOf(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

function kindOf(head: Buffer): FileStart {
  const text = head.toString('latin1');
  const [known] = STARTS.find(([, start]) => text.startsWith(start)) ?? [];
  if (known) return known;
  if (head[0] === 0x80 && (head[1] ?? 9) <= 5) {
    const magic = head.subarray(2, 2 + LEGACY_MAGIC.length);
    return magic.equals(LEGACY_MAGIC) ? 'legacy-torch' : 'pickle';
  }
  // Eight bytes of length, then JSON: a length that is too large is for the reader to refuse.
  if (head[8] === 0x7b && head.readUInt32LE(4) < 2 ** 16) return 'safetensors';
  if (text.startsWith('{')) return 'json';
  return text.slice(257, 262) === 'ustar' ? 'tar' : 'unknown';
}
