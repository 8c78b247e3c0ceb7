import { ACCUMULATE, type Then, withPostOperations } from './elementwise.js';
import { ARGUMENT } from './ffi/constants.js';
import type { Description, Handle } from './ffi/interface.js';
import { created } from './ffi/status.js';
import { Primitive, type Slot } from './primitive.js';
import type { Runtime } from './runtime.js';

/** How a tensor lies in an array: in all of it, or as a part of another tensor. */
export type Layout = Pick<Slot, 'description' | 'whole'>;

/** Copies a tensor from one layout into another. Arguments: source, destination. */
export const reorder = (runtime: Runtime, name: string, from: Description, to: Description): Primitive =>
  moved(runtime, name, { description: from }, { description: to }, []);

/** Copies a tensor from where it lies to where it shall, or adds it to what is there. Arguments: source, destination. */
export const copy = (runtime: Runtime, name: string, from: Layout, to: Layout, add = false): Primitive =>
  moved(runtime, name, from, to, add ? [ACCUMULATE] : []);

function moved(runtime: Runtime, name: string, from: Layout, to: Layout, then: readonly Then[]): Primitive {
  const { functions, engine } = runtime;
  const descriptor = withPostOperations(
    runtime,
    name,
    then,
    ({ attributes }): Handle =>
      created(name, (out) =>
        functions.reorderCreate(out, from.description, engine, to.description, engine, attributes),
      ),
  );
  return new Primitive(runtime, name, descriptor, [
    { argument: ARGUMENT.source, name: 'source', ...from },
    { argument: ARGUMENT.destination, name: 'destination', ...to },
  ]);
}
