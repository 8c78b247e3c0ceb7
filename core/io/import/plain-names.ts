import type { ModuleFacts } from '../formats/module-facts.js';
import type { TensorSource } from './tensor-source.js';
import { CheckpointError } from './checkpoint-error.js';

/**
 * Tensors by the names that the network itself has for them: without what wrappers put before every name or between its parts, and of
 * a network that is there twice, as trained and averaged, one.
 */

/** What wrappers put in front of every name: data parallelism, compilation, Lightning. */
const PREFIXES = ['module.', 'model.', 'ema_model.', 'model_ema.', 'module_ema.', 'ema.'];

/** Those that no network has itself; a model often calls its network `model`. */
const OF_WRAPPERS = /(?:module|ema_model|model_ema|module_ema|ema)\./g;

/** What wrappers put between the parts of names: compilation, sharding, checkpointed activations, quantisation-aware training. */
const WITHIN = /(^|\.)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module|_fpw_module)(?=\.)/g;

/** What stands before the names of averaged weights that lie in one dict with the others. */
const AVERAGED_PREFIX = /^(?:model_ema|ema_model|module_ema|ema)\./;

interface Found {
  readonly source: TensorSource;
  readonly notes: readonly string[];
}

export function plainNames(source: TensorSource, average: boolean): Found {
  const unwrapped = renamed(source, (name) => name.replaceAll(WITHIN, '').replace(/^\./, ''));
  const averaged = [...unwrapped.shapes.keys()].filter((name) => AVERAGED_PREFIX.test(name));
  const both = averaged.length > 0 && averaged.length < unwrapped.shapes.size;
  if (!both) return withoutPrefixes(unwrapped);
  const kept = renamed(unwrapped, (name) => (AVERAGED_PREFIX.test(name) === average ? name : undefined));
  const { source: found, notes } = withoutPrefixes(kept);
  const other = average ? 'the weights as trained' : 'the averaged weights';
  return { source: found, notes: [...notes, `left out ${other}, ${source.shapes.size - kept.shapes.size} tensors`] };
}

function withoutPrefixes(source: TensorSource): Found {
  const names = [...source.shapes.keys()];
  let cut = '';
  for (let found = names.length > 0; found; ) {
    const prefix = PREFIXES.find((text) => names.every((name) => name.startsWith(cut + text)));
    found = prefix !== undefined;
    cut += prefix ?? '';
  }
  if (cut === '') return { source, notes: [] };
  const plain = renamed(source, (name) => name.slice(cut.length));
  const own = cut.replaceAll(OF_WRAPPERS, '');
  return { source: own === '' ? plain : { ...plain, prefix: own }, notes: [`names without '${cut}'`] };
}

/** The same tensors by other names; those without one are left out. @throws Error when two come to one name */
export function renamed(source: TensorSource, rename: (name: string) => string | undefined): TensorSource {
  const before = new Map<string, string>();
  const shapes = new Map<string, readonly number[]>();
  for (const [name, shape] of source.shapes) {
    const after = rename(name);
    if (after === undefined) continue;
    const other = before.get(after);
    if (other !== undefined) throw new CheckpointError(`tensors '${other}' and '${name}' are both called '${after}'`);
    before.set(after, name);
    shapes.set(after, shape);
  }
  const facts = source.facts && renamedFacts(source.facts, rename);
  const { prefix } = source;
  return {
    shapes,
    ...(facts && { facts }),
    ...(prefix !== undefined && { prefix }),
    read: (name) => source.read(before.get(name) ?? name),
  };
}

/** Modules are renamed as the tensors in them, whose names go on behind theirs. */
function renamedFacts(
  facts: ReadonlyMap<string, ModuleFacts>,
  rename: (name: string) => string | undefined,
): ReadonlyMap<string, ModuleFacts> {
  return new Map(
    [...facts].flatMap(([name, module]): [string, ModuleFacts][] => {
      const after = rename(`${name}.x`)?.replace(/(?:^|\.)x$/, '');
      return after === undefined ? [] : [[after, module]];
    }),
  );
}
