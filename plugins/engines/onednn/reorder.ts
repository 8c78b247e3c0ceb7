import { ARGUMENT } from './abi.js';
import type { Description } from './descriptions.js';
import { Primitive } from './primitive.js';
import { created, type Runtime } from './runtime.js';

/** Copies a tensor from one layout into another. Arguments: source, destination. */
export function reorder(runtime: Runtime, from: Description, to: Description): Primitive {
  const { functions, engine } = runtime;
  const descriptor = created('reorder', (out) => functions.reorderCreate(out, from, engine, to, engine, 0));
  return new Primitive(runtime, 'reorder', descriptor, [
    { argument: ARGUMENT.source, name: 'source', description: from },
    { argument: ARGUMENT.destination, name: 'destination', description: to },
  ]);
}
