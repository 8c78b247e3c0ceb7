import type { FactsByName, ModuleFacts } from '../formats/module-facts.js';
import { PickleObject } from '../formats/pickle-values.js';
import type { PthTensor } from '../formats/pth-tensor.js';
import { asTensor, isModule, moduleTree } from './module-tree.js';
import { CheckpointError } from './checkpoint-error.js';

/**
 * Finds the weights in what a training program saved: under the names that programs give them, at any place where there is but one
 * dict of tensors, or in a module that was saved whole. Optimizers, schedulers and records of the training are passed over.
 */

/** Where training programs put the averaged weights, and where the weights themselves, most usual first. */
const AVERAGED = ['state_dict_ema', 'model_ema', 'ema_state_dict', 'ema', 'model_ema_state_dict'];
const TRAINED = [
  'state_dict',
  'model',
  'module',
  'model_state_dict',
  'model_state',
  'net',
  'network',
  'weights',
  'params',
];

/** What holds tensors of a training, but not the network's. */
const PASSED_OVER =
  /optim|sched|rng|random|loops|callback|scaler|hyper|config|args$|^amp$|history|metric|loss|meter|momentum|queue|grad/i;

/** How deep dicts are looked into. */
const MAX_DEPTH = 4;

export interface FoundTensors {
  readonly tensors: ReadonlyMap<string, PthTensor>;
  /** What the modules say of themselves, where they were saved whole. */
  readonly facts?: FactsByName;
  readonly notes: readonly string[];
}

interface Candidate {
  readonly path: readonly string[];
  readonly tensors: ReadonlyMap<string, PthTensor>;
  readonly facts?: FactsByName;
}

export interface StateDictOptions {
  /** Take averaged weights (EMA) where there are any. */
  readonly average: boolean;
  /** Where the weights are, keys joined by dots. @default found */
  readonly key?: string | undefined;
}

/**
 * @param script what the code of a TorchScript file says, by class
 * @throws Error listing what was found where there is no dict of tensors, or more than one and none by a usual name
 */
export function findStateDict(
  value: unknown,
  { average, key }: StateDictOptions,
  script?: ReadonlyMap<string, ModuleFacts>,
): FoundTensors {
  const candidates = [...candidatesIn(value, [], script)];
  const { tensors, facts, path } = key === undefined ? chosen(candidates, average, value) : named(candidates, key);
  const others = candidates.filter(
    ({ path: other }) => other !== path && [...AVERAGED, ...TRAINED].includes(other.at(-1) ?? ''),
  );
  const beside = others.length > 0 ? ` (beside ${others.map(nameOf).join(', ')})` : '';
  const from = path.length > 0 ? [`weights from '${nameOf({ path })}'${beside}`] : [];
  const whole = facts ? ['a whole module was saved: what it says of itself was read, none of its code was run'] : [];
  return { tensors, ...(facts && { facts }), notes: [...from, ...whole] };
}

function* candidatesIn(
  value: unknown,
  path: readonly string[],
  script: ReadonlyMap<string, ModuleFacts> | undefined,
  seen = new Set<unknown>(),
): Generator<Candidate> {
  if (seen.has(value)) return;
  seen.add(value);
  if (isModule(value)) {
    const { tensors, facts } = moduleTree(value, script);
    if (tensors.size > 0) yield { path, tensors, facts };
    return;
  }
  const dict = value instanceof PickleObject ? (value.items ?? value.state) : value;
  if (!(dict instanceof Map)) return;
  const tensors = new Map(
    [...dict].flatMap(([name, inner]): [string, PthTensor][] => {
      const tensor = typeof name === 'string' ? asTensor(inner) : undefined;
      return tensor ? [[name as string, tensor]] : [];
    }),
  );
  if (tensors.size > 0) yield { path, tensors };
  if (path.length >= MAX_DEPTH) return;
  for (const [name, inner] of dict) {
    if (typeof name === 'string' && name.length < 200 && !PASSED_OVER.test(name))
      yield* candidatesIn(inner, [...path, name], script, seen);
  }
}

const nameOf = ({ path }: Pick<Candidate, 'path'>): string => path.join('.');

/** Usual names come first, since a figure beside them may be a tensor too; the least deep of each. */
function chosen(candidates: readonly Candidate[], average: boolean, value: unknown): Candidate {
  const order = average ? [...AVERAGED, ...TRAINED] : [...TRAINED, ...AVERAGED];
  for (const key of order) {
    const usual = candidates
      .filter(({ path }) => path.at(-1) === key || (path.at(-1) === 'module' && path.at(-2) === key))
      .sort((a, b) => a.path.length - b.path.length);
    if (usual[0]) return usual[0];
  }
  const own = candidates.find(({ path }) => path.length === 0);
  if (own) return own;
  const [only, ...more] = candidates;
  if (only && more.length === 0) return only;
  if (only)
    throw new CheckpointError(
      `there are ${candidates.length} dicts of tensors: ${candidates.slice(0, 8).map(nameOf).join(', ')}; say which is meant (--key ${nameOf(only)})`,
    );
  if (!(value instanceof Map))
    throw new CheckpointError('what was saved is no dict; expected a state dict, a dict with one, or a module');
  const keys = [...value.keys()].slice(0, 20).map((key) => (typeof key === 'string' ? key : typeof key));
  throw new CheckpointError(
    `no state dict was found; the file has ${keys.join(', ') || 'nothing'}, expected one of ${TRAINED.join(', ')}`,
  );
}

function named(candidates: readonly Candidate[], key: string): Candidate {
  const found = candidates.find((candidate) => nameOf(candidate) === key);
  if (found) return found;
  throw new CheckpointError(
    `there is no dict of tensors '${key}'; there are ${
      candidates
        .slice(0, 8)
        .map((one) => nameOf(one) || '(the file itself)')
        .join(', ') || 'none'
    }`,
  );
}
