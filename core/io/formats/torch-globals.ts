import { type Dtype, sizeOf } from './dtype.js';
import { PickleError, PickleFunction, type PickleHost, type PickleValue } from './pickle.js';
import { PthTensor } from './pth-tensor.js';

/** The most axes a tensor may have. */
const MAX_RANK = 16;

/** The class of a storage, which a pickle names but does not call. */
class StorageType {
  readonly dtype: Dtype;

  constructor(dtype: Dtype) {
    this.dtype = dtype;
  }
}

/** Numbers one after another in a record, which tensors are views of. */
class Storage {
  readonly dtype: Dtype;
  readonly record: string;
  readonly length: number;

  constructor(dtype: Dtype, record: string, length: number) {
    this.dtype = dtype;
    this.record = record;
    this.length = length;
  }
}

/** All that the pickle of a file of tensors needs to name. */
const GLOBALS: ReadonlyMap<string, object> = new Map<string, object>([
  ['torch.DoubleStorage', new StorageType('F64')],
  ['torch.FloatStorage', new StorageType('F32')],
  ['torch.HalfStorage', new StorageType('F16')],
  ['torch.BFloat16Storage', new StorageType('BF16')],
  ['torch.LongStorage', new StorageType('I64')],
  ['torch.IntStorage', new StorageType('I32')],
  ['torch.ByteStorage', new StorageType('U8')],
  ['torch.BoolStorage', new StorageType('U8')],
  ['torch._utils._rebuild_tensor_v2', new PickleFunction(rebuildTensor)],
  ['torch._utils._rebuild_parameter', new PickleFunction(rebuildParameter)],
  ['torch.Size', new PickleFunction((sizes) => counts(sizes, 'sizes'))],
  ['collections.OrderedDict', new PickleFunction(emptyDict('an OrderedDict'))],
  // The settings of a training run, plain data that timm and the official RepVGG save beside the weights; what is in them is not looked at.
  ['argparse.Namespace', new PickleFunction(emptyDict('a Namespace'))],
  ['yacs.config.CfgNode', new PickleFunction(emptyDict('a CfgNode'))],
]);

/**
 * What the pickles that `torch.save` writes may refer to.
 *
 * @param records bytes of the file's records by name
 * @param folder what the records' names start with
 */
export const torchHost = (records: ReadonlyMap<string, number>, folder: string): PickleHost => ({
  global: (name) => GLOBALS.get(name),
  persistent: (id) => {
    const [kind, type, key, , length] = Array.isArray(id) ? id : [];
    if (kind !== 'storage' || !(type instanceof StorageType) || typeof key !== 'string' || !isCount(length))
      throw new PickleError('a persistent id that is no storage');
    const record = `${folder}data/${key}`;
    const [found, expected] = [records.get(record), length * sizeOf(type.dtype)];
    if (found !== expected)
      throw new PickleError(
        `storage '${key}' takes ${expected} bytes, but record '${record}' ${found === undefined ? 'is missing' : `has ${found}`}`,
      );
    return new Storage(type.dtype, record, length);
  },
});

function rebuildTensor(
  storage?: PickleValue,
  offset?: PickleValue,
  shape?: PickleValue,
  strides?: PickleValue,
): PthTensor {
  if (!(storage instanceof Storage)) throw new PickleError('a tensor without a storage');
  if (!isCount(offset)) throw new PickleError('a tensor whose offset is no count');
  const [sizes, steps] = [counts(shape, 'a shape'), counts(strides, 'strides')];
  if (sizes.length !== steps.length || sizes.length > MAX_RANK)
    throw new PickleError(`a tensor of ${sizes.length} axes with ${steps.length} strides`);
  const { dtype, record, length } = storage;
  const tensor = new PthTensor({ dtype, storage: record, offset, shape: sizes, strides: steps });
  if (tensor.last >= length || offset > length)
    throw new PickleError(`a tensor that reaches to element ${tensor.last} of a storage of ${length}`);
  // Strides of 0 make a large tensor of a small storage.
  if (tensor.size > length) throw new PickleError(`a tensor of ${tensor.size} elements in a storage of ${length}`);
  return tensor;
}

function rebuildParameter(tensor?: PickleValue): PthTensor {
  if (!(tensor instanceof PthTensor)) throw new PickleError('a parameter without a tensor');
  return tensor;
}

function emptyDict(what: string): PickleFunction['call'] {
  return (...values) => {
    if (values.length > 0) throw new PickleError(`${what} that is made of something`);
    return new Map();
  };
}

function counts(value: PickleValue | undefined, what: string): readonly number[] {
  if (!Array.isArray(value) || !value.every(isCount)) throw new PickleError(`${what} that are no counts`);
  return value;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
