import { FileError } from '../files/index.js';
import { numpyDtype } from './numpy-globals.js';
import { denseStrides, PthTensor } from './pth-tensor.js';
import { openStoredZip } from './stored-zip.js';
import type { TensorValues } from './dtype.js';

/** An archive of numpy's arrays (`np.savez`), packed or not. Each is read when it is asked for. */
export interface NpzFile {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  read(name: string): Promise<TensorValues>;
  close(): Promise<void>;
}

const MAGIC = '\x93NUMPY';

/** @throws FileError naming the record that is no array of numbers */
export async function openNpz(path: string): Promise<NpzFile> {
  const zip = await openStoredZip(path);
  const arrayIn = async (record: string): Promise<PthTensor> =>
    parseNpy(await zip.read(record), `${path} (record '${record}')`);
  try {
    const shapes = new Map<string, readonly number[]>();
    for (const record of zip.records.keys()) {
      if (record.endsWith('.npy')) shapes.set(record.slice(0, -'.npy'.length), (await arrayIn(record)).shape);
    }
    return {
      shapes,
      read: async (name) => {
        const array = await arrayIn(`${name}.npy`);
        return array.valuesOf(array.inline ?? new Uint8Array());
      },
      close: () => zip.close(),
    };
  } catch (error) {
    await zip.close();
    throw error;
  }
}

/** https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html: a magic, a version, a length, a dict of Python as text, the numbers. */
function parseNpy(bytes: Uint8Array, source: string): PthTensor {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 12 || view.toString('latin1', 0, 6) !== MAGIC) throw new FileError(source, 'is no array of numpy');
  const [start, length] = view[6] === 1 ? [10, view.readUInt16LE(8)] : [12, view.readUInt32LE(8)];
  if (start + length > view.length) throw new FileError(source, 'ends within its header');
  const header = view.toString('latin1', start, start + length);
  const [, description] = /'descr': '([^']*)'/.exec(header) ?? [];
  const [, sizes] = /'shape': \(([\d, ]*)\)/.exec(header) ?? [];
  const dtype = numpyDtype(description ?? '');
  if (!dtype || sizes === undefined)
    throw new FileError(source, `holds elements of '${description ?? '?'}'; expected numbers, little-endian`);
  const shape = sizes
    .split(',')
    .filter((text) => text.trim() !== '')
    .map(Number);
  const strides = denseStrides(shape, /'fortran_order': True/.test(header));
  const inline = bytes.subarray(start + length);
  const tensor = new PthTensor({ dtype, storage: '', offset: 0, shape, strides, inline });
  if (tensor.bytes !== inline.length)
    throw new FileError(source, `takes ${tensor.bytes} bytes for shape [${shape}], but has ${inline.length}`);
  return tensor;
}
