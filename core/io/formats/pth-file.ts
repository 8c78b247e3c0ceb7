import type { PickleValue } from './pickle-values.js';
import type { PthTensor } from './pth-tensor.js';
import type { StoredTensor } from './safetensors.js';
import type { ModuleFacts } from './torchscript.js';

/** A file of PyTorch (or a pickle of another program) that is open: what was saved, and its numbers when asked for. */
export interface PthFile {
  /** What was saved: dicts are maps, lists and tuples arrays, tensors {@link PthTensor}s, everything else a note of what it is. */
  readonly value: PickleValue;
  /** What the code of a TorchScript file says of its modules, by the name of their class. */
  readonly script?: ReadonlyMap<string, ModuleFacts>;
  /** The numbers of one of its tensors, in row-major order. @throws FileError when its record is damaged. */
  read(tensor: PthTensor): Promise<StoredTensor>;
  close(): Promise<void>;
}
