import type { FactsByName, ModuleFacts } from '../formats/module-facts.js';
import { NumpyArray } from '../formats/numpy-globals.js';
import { PickleObject, type PickleValue } from '../formats/pickle-values.js';
import { PthTensor } from '../formats/pth-tensor.js';
import { CheckpointError } from './checkpoint-error.js';

/**
 * A module that was saved whole (`torch.save(model)`, or TorchScript), as its state dict and what it says of each of its parts. The
 * objects are notes of what Python would have made; no class of theirs exists here, and none is run.
 */
export interface ModuleTree {
  readonly tensors: ReadonlyMap<string, PthTensor>;
  readonly facts: FactsByName;
}

/** Python's own recursion ends before this. */
const MAX_DEPTH = 200;

/** The largest networks have some ten thousand. */
const MAX_MODULES = 200_000;

/** What classes are called in the pickle of a TorchScript file. */
const SCRIPT = '__torch__.';

/** A tensor, or an array of numbers that stands for one. */
export const asTensor = (value: unknown): PthTensor | undefined =>
  value instanceof PthTensor ? value : value instanceof NumpyArray ? value.tensor : undefined;

export const isModule = (value: unknown): value is PickleObject =>
  value instanceof PickleObject && (value.attribute('_modules') instanceof Map || value.type.startsWith(SCRIPT));

/**
 * @param script what the code of a TorchScript file says, by class
 * @throws Error when modules hold one another, or more of them than the file could
 */
export function moduleTree(root: PickleObject, script?: ReadonlyMap<string, ModuleFacts>): ModuleTree {
  const tensors = new Map<string, PthTensor>();
  const facts = new Map<string, ModuleFacts>();
  const open = new Set<PickleObject>();
  const visited = new Map<PickleObject, number>();
  const visit = (module: PickleObject, name: string): void => {
    if (open.has(module) || open.size > MAX_DEPTH) throw new CheckpointError(`module '${name}' holds itself`);
    // A module may be shared, but not so often that a small file becomes a large network.
    const times = (visited.get(module) ?? 0) + 1;
    visited.set(module, times);
    if (facts.size > MAX_MODULES) throw new CheckpointError(`there are more than ${MAX_MODULES} modules`);
    if (times > 64) throw new CheckpointError(`module '${name}' stands in more than 64 places`);
    open.add(module);
    facts.set(name, script?.get(module.type) ?? factsOf(module));
    const inner = (part: unknown): string => (name === '' ? String(part) : `${name}.${part}`);
    for (const [part, value] of ownTensors(module)) tensors.set(inner(part), value);
    for (const [part, value] of partsOf(module)) visit(value, inner(part));
    open.delete(module);
  };
  visit(root, '');
  return { tensors, facts };
}

function attributes(module: PickleObject): ReadonlyMap<PickleValue, PickleValue> {
  return module.state instanceof Map ? (module.state as Map<PickleValue, PickleValue>) : new Map();
}

const mapOf = (module: PickleObject, name: string): ReadonlyMap<PickleValue, PickleValue> => {
  const value = module.attribute(name);
  return value instanceof Map ? value : new Map();
};

function* ownTensors(module: PickleObject): Generator<readonly [string, PthTensor]> {
  const holders = module.type.startsWith(SCRIPT)
    ? [attributes(module)]
    : [mapOf(module, '_parameters'), mapOf(module, '_buffers')];
  for (const holder of holders) {
    for (const [name, value] of holder) {
      const tensor = asTensor(value);
      if (tensor && typeof name === 'string') yield [name, tensor];
    }
  }
}

function* partsOf(module: PickleObject): Generator<readonly [string, PickleObject]> {
  const holder = module.type.startsWith(SCRIPT) ? attributes(module) : mapOf(module, '_modules');
  for (const [name, value] of holder) {
    if (typeof name === 'string' && isModule(value)) yield [name, value];
  }
}

function factsOf(module: PickleObject): ModuleFacts {
  const type = module.type.slice(module.type.lastIndexOf('.') + 1);
  const [epsilon, slope] = [module.attribute('eps'), module.attribute('negative_slope')];
  const mode = module.attribute('padding_mode');
  const [stride, padding, dilation] = ['stride', 'padding', 'dilation'].map((name) => pair(module.attribute(name)));
  const named = module.attribute('padding');
  return {
    type,
    ...(typeof epsilon === 'number' && { epsilon }),
    ...(typeof slope === 'number' && { slope }),
    ...(typeof mode === 'string' && { paddingMode: mode }),
    ...(stride && { stride }),
    ...(padding ? { padding } : typeof named === 'string' && { padding: named }),
    ...(dilation && { dilation }),
  };
}

function pair(value: PickleValue | undefined): readonly [number, number] | undefined {
  if (typeof value === 'number') return [value, value];
  const [height, width] = Array.isArray(value) && value.length === 2 ? (value as readonly unknown[]) : [];
  return typeof height === 'number' && typeof width === 'number' ? [height, width] : undefined;
}
