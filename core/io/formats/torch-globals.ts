import { type Dtype, sizeOf } from './dtype.js';
import { NUMPY_GLOBALS, NumpyArray } from './numpy-globals.js';
import {
  PickleError,
  PickleFunction,
  PickleGlobal,
  type PickleHost,
  PickleObject,
  type PickleValue,
} from './pickle-values.js';
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
  /** Where it starts in its record, in elements. */
  readonly offset: number;

  constructor(dtype: Dtype, record: string, length: number, offset: number) {
    this.dtype = dtype;
    this.record = record;
    this.length = length;
    this.offset = offset;
  }
}

/** Storage classes by their element type. */
const STORAGES = {
  Double: 'F64',
  Float: 'F32',
  Half: 'F16',
  BFloat16: 'BF16',
  Float8_e4m3fn: 'F8_E4M3',
  Float8_e5m2: 'F8_E5M2',
  Long: 'I64',
  Int: 'I32',
  Short: 'I16',
  Char: 'I8',
  Byte: 'U8',
  Bool: 'BOOL',
} as const;

/** Element types by PyTorch's names, which the newest files write beside untyped storages. */
const DTYPES: Readonly<Record<string, Dtype>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  float8_e4m3fn: 'F8_E4M3',
  float8_e5m2: 'F8_E5M2',
  int64: 'I64',
  uint64: 'U64',
  int32: 'I32',
  uint32: 'U32',
  int16: 'I16',
  uint16: 'U16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

/** What is understood of all that a checkpoint's pickle names; anything else becomes its name. */
const GLOBALS: ReadonlyMap<string, object> = new Map<string, object>([
  ...Object.entries(STORAGES).flatMap(([name, dtype]) =>
    ['torch', 'torch.cuda', 'torch.storage'].map((module): [string, object] => [
      `${module}.${name}Storage`,
      new StorageType(dtype),
    ]),
  ),
  ...['torch', 'torch.storage'].map((module): [string, object] => [`${module}.UntypedStorage`, new StorageType('U8')]),
  ['torch._utils._rebuild_tensor', new PickleFunction(rebuildTensor)],
  ['torch._utils._rebuild_tensor_v2', new PickleFunction(rebuildTensor)],
  ['torch._utils._rebuild_tensor_v3', new PickleFunction(rebuildTyped)],
  ['torch._utils._rebuild_parameter', new PickleFunction(rebuildParameter)],
  ['torch._utils._rebuild_parameter_with_state', new PickleFunction(rebuildParameter)],
  ['torch.nn.parameter.Parameter', new PickleFunction(rebuildParameter)],
  ['torch._tensor._rebuild_from_type_v2', new PickleFunction(rebuildFromType)],
  ['torch._utils._rebuild_device_tensor_from_numpy', new PickleFunction(rebuildFromArray)],
  ['torch._utils._rebuild_xla_tensor', new PickleFunction(rebuildFromArray)],
  ['torch.Size', new PickleFunction(([sizes]) => counts(sizes, 'sizes'))],
  ['collections.OrderedDict', new PickleFunction(([pairs]) => dictOf(pairs))],
  ['collections.Counter', new PickleFunction(([counted]) => dictOf(counted))],
  ['collections.defaultdict', new PickleFunction(([, pairs]) => dictOf(pairs))],
  ...NUMPY_GLOBALS,
]);

/** Looks up the bytes of a storage by its key and what the pickle says it takes; gives its name. @throws PickleError when it has others. */
export type FindStorage = (key: string, bytes: number, dtype: Dtype) => string;

/** What the pickles that `torch.save` writes may refer to. */
export const torchHost = (find: FindStorage): PickleHost => ({
  global: (name) => GLOBALS.get(name),
  persistent: (id) => {
    const [kind, type, key, , length, view] = Array.isArray(id) ? (id as readonly PickleValue[]) : [];
    // Files from before 1.6 hold the source of a module's class beside it, which is not looked at.
    if (kind === 'module' && type !== undefined) return type;
    // Of an element type that is none here (quantised, complex): refused where such a tensor is needed, and not before.
    if (kind === 'storage' && type instanceof PickleGlobal) return new PickleObject(type.name, []);
    if (kind !== 'storage' || !(type instanceof StorageType) || !isCount(length))
      throw new PickleError('a persistent id that is no storage');
    if (typeof key !== 'string') throw new PickleError('a storage whose key is no text');
    const record = find(key, length * sizeOf(type.dtype), type.dtype);
    const [, offset, size] = Array.isArray(view) ? (view as readonly PickleValue[]) : [null, 0, length];
    if (!isCount(offset) || !isCount(size) || offset + size > length)
      throw new PickleError('a part of a storage that reaches beyond it');
    return new Storage(type.dtype, record, size, offset);
  },
});

/** A storage of a zip archive is a record of its own. */
export const findRecord =
  (records: ReadonlyMap<string, number>, folder: string): FindStorage =>
  (key, expected) => {
    const record = `${folder}data/${key}`;
    const found = records.get(record);
    if (found === expected) return record;
    throw new PickleError(
      `storage '${key}' takes ${expected} bytes, but record '${record}' ${found === undefined ? 'is missing' : `has ${found}`}`,
    );
  };

function rebuildTensor(values: readonly PickleValue[]): PickleValue {
  const [storage, offset, shape, strides] = values;
  if (storage instanceof PickleObject) return new PickleObject(`a tensor of ${storage.type}`, values);
  if (!(storage instanceof Storage)) throw new PickleError('a tensor without a storage');
  return viewOf(storage, storage.dtype, offset, shape, strides);
}

/** Of an untyped storage, with the element type beside it. */
function rebuildTyped(values: readonly PickleValue[]): PickleValue {
  const [storage, offset, shape, strides, , , type] = values;
  const dtype = type instanceof PickleGlobal ? DTYPES[type.name.replace(/^torch\./, '')] : undefined;
  if (!(storage instanceof Storage)) throw new PickleError('a tensor without a storage');
  return dtype ? viewOf(storage, dtype, offset, shape, strides) : new PickleObject('torch.Tensor', values);
}

function viewOf(
  storage: Storage,
  dtype: Dtype,
  offset: PickleValue | undefined,
  shape: PickleValue | undefined,
  strides: PickleValue | undefined,
): PthTensor {
  if (!isCount(offset)) throw new PickleError('a tensor whose offset is no count');
  const [sizes, steps] = [counts(shape, 'a shape'), counts(strides, 'strides')];
  if (sizes.length !== steps.length || sizes.length > MAX_RANK)
    throw new PickleError(`a tensor of ${sizes.length} axes with ${steps.length} strides`);
  const length = Math.floor((storage.length * sizeOf(storage.dtype)) / sizeOf(dtype));
  const first = (storage.offset * sizeOf(storage.dtype)) / sizeOf(dtype) + offset;
  if (!Number.isInteger(first)) throw new PickleError('a tensor that starts within an element');
  const tensor = new PthTensor({ dtype, storage: storage.record, offset: first, shape: sizes, strides: steps });
  if (tensor.last - (first - offset) >= length || offset > length)
    throw new PickleError(`a tensor that reaches to element ${tensor.last} of a storage of ${length}`);
  // Strides of 0 make a large tensor of a small storage.
  if (tensor.size > length) throw new PickleError(`a tensor of ${tensor.size} elements in a storage of ${length}`);
  return tensor;
}

/** A parameter is its tensor; of tensors that are none here (quantised ones, say) what stands for them. */
function rebuildParameter([tensor]: readonly PickleValue[]): PickleValue {
  if (tensor === undefined) throw new PickleError('a parameter without a tensor');
  return tensor;
}

/** A tensor of a class of its own: the call that makes it, the class, what it is called with, and its attributes. */
function rebuildFromType([rebuild, type, values]: readonly PickleValue[]): PickleValue {
  const given = Array.isArray(values) ? (values as readonly PickleValue[]) : [];
  if (rebuild instanceof PickleFunction) return rebuild.call(given);
  return new PickleObject(type instanceof PickleGlobal ? type.name : 'torch.Tensor', given);
}

function rebuildFromArray([array]: readonly PickleValue[]): PickleValue {
  return (array instanceof NumpyArray && array.tensor) || new PickleObject('torch.Tensor', []);
}

/** A dict of its own kind, empty or of pairs. */
function dictOf(pairs: PickleValue | undefined): PickleValue {
  if (pairs instanceof Map) return new Map(pairs);
  const list = Array.isArray(pairs) ? (pairs as readonly unknown[]) : [];
  if (!list.every((pair): pair is [PickleValue, PickleValue] => Array.isArray(pair) && pair.length === 2))
    throw new PickleError('a dict of what are no pairs');
  return new Map(list);
}

function counts(value: PickleValue | undefined, what: string): readonly number[] {
  if (!Array.isArray(value) || !value.every(isCount)) throw new PickleError(`${what} that are no counts`);
  return value;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
