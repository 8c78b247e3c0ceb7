import { FileError, openRegular, readExactly } from '../files/index.js';
import { type TensorValues, widen } from './dtype.js';
import { decodeHeader, headerLength, type SafetensorsEntry } from './safetensors.js';

/** A safetensors file that is open: what is in it is known, and read tensor by tensor. */
export interface SafetensorsFile {
  /** In the order of their bytes. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly metadata: Readonly<Record<string, string>>;
  /** @throws FileError when there is no such tensor, or the file ends within it. */
  read(name: string): Promise<TensorValues>;
  close(): Promise<void>;
}

/** Opens a file that may be larger than memory. @throws FileError naming the file, and what in its header is wrong. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    const length = headerLength(await readExactly(file, path, 0, Math.min(size, 9), 'its header'), size, path);
    const start = 8 + length;
    const { entries, metadata } = decodeHeader(
      await readExactly(file, path, 8, length, 'its header'),
      size - start,
      path,
    );
    const places = new Map<string, SafetensorsEntry>(entries.map((entry) => [entry.name, entry]));
    return {
      shapes: new Map(entries.map(({ name, shape }) => [name, shape])),
      metadata,
      read: async (name) => {
        const entry = places.get(name);
        if (!entry) throw new FileError(path, `has no tensor '${name}'`);
        const { dtype, begin, end } = entry;
        if (dtype.startsWith('F8_'))
          throw new FileError(
            path,
            `tensor '${name}' has dtype ${dtype}, whose three or two bits of fraction round what was trained; expected F64, F32, F16 or BF16`,
          );
        return widen(dtype, await readExactly(file, path, start + begin, end - begin, `tensor '${name}'`));
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
