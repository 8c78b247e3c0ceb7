import { PthTensor } from '../formats/pth-tensor.js';
import type { TensorSource } from './tensor-source.js';

/** Where training programs put the averaged weights, and where the weights themselves, most usual first. */
const AVERAGED = ['state_dict_ema', 'model_ema', 'ema_state_dict', 'ema'];
const TRAINED = ['state_dict', 'model', 'module', 'model_state_dict', 'net', 'weights', 'params'];

/** What wrappers put in front of every name: data parallelism, compilation, Lightning. */
const PREFIXES = ['module.', '_orig_mod.', 'model.', 'ema_model.', 'model_ema.', 'module_ema.', 'ema.'];

export interface FoundTensors<T> {
  readonly tensors: ReadonlyMap<string, T>;
  readonly notes: readonly string[];
}

/**
 * The tensors of what a checkpoint holds: the dict itself where it has tensors, or the one it keeps under a usual name.
 *
 * @param average take averaged weights (EMA) where there are any
 * @throws Error listing what was found where there is no dict of tensors
 */
export function findStateDict(value: unknown, average: boolean): FoundTensors<PthTensor> {
  if (!(value instanceof Map)) throw new Error('what was saved is no dict; expected a state dict, or a dict with one');
  const own = tensorsIn(value);
  if (own.size > 0) return { tensors: own, notes: [] };
  const order = average ? [...AVERAGED, ...TRAINED] : [...TRAINED, ...AVERAGED];
  for (const key of order) {
    const inner: unknown = value.get(key);
    if (!(inner instanceof Map)) continue;
    const tensors = tensorsIn(inner);
    if (tensors.size === 0) continue;
    const others = [...AVERAGED, ...TRAINED].filter((other) => other !== key && value.get(other) instanceof Map);
    const beside = others.length > 0 ? ` (beside ${others.join(', ')})` : '';
    return { tensors, notes: [`weights from '${key}'${beside}`] };
  }
  const keys = [...value.keys()].map(String).join(', ');
  throw new Error(`no state dict was found; the file has ${keys || 'nothing'}, expected one of ${TRAINED.join(', ')}`);
}

const tensorsIn = (dict: ReadonlyMap<unknown, unknown>): ReadonlyMap<string, PthTensor> =>
  new Map(
    [...dict].filter(
      (entry): entry is [string, PthTensor] => typeof entry[0] === 'string' && entry[1] instanceof PthTensor,
    ),
  );

/** What stands before the names of averaged weights that lie in one dict with the others. */
const AVERAGED_PREFIX = /^(?:model_ema|ema_model|module_ema|ema)\./;

/**
 * The tensors by the names that the network itself has for them: without what wrappers put in front of every name, and of a network
 * that is there twice, as trained and averaged, one.
 */
export function plainNames(source: TensorSource, average: boolean): Found {
  const averaged = [...source.shapes.keys()].filter((name) => AVERAGED_PREFIX.test(name));
  const both = averaged.length > 0 && averaged.length < source.shapes.size;
  if (!both) return withoutPrefixes(source);
  const shapes = new Map([...source.shapes].filter(([name]) => AVERAGED_PREFIX.test(name) === average));
  const { source: found, notes } = withoutPrefixes({ ...source, shapes });
  const other = average ? 'the weights as trained' : 'the averaged weights';
  return { source: found, notes: [...notes, `left out ${other}, ${source.shapes.size - shapes.size} tensors`] };
}

interface Found {
  readonly source: TensorSource;
  /** For people. */
  readonly notes: readonly string[];
}

function withoutPrefixes(source: TensorSource): Found {
  let cut = '';
  for (let found = true; found; ) {
    const names = [...source.shapes.keys()].map((name) => name.slice(cut.length));
    const prefix = PREFIXES.find((text) => names.length > 0 && names.every((name) => name.startsWith(text)));
    found = prefix !== undefined;
    cut += prefix ?? '';
  }
  if (cut === '') return { source, notes: [] };
  const shapes = new Map([...source.shapes].map(([name, shape]) => [name.slice(cut.length), shape]));
  return { source: { shapes, read: (name) => source.read(cut + name) }, notes: [`names without '${cut}'`] };
}
