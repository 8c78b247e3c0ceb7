import { ARGUMENT, PROPAGATION, SIZE } from './abi.js';
import type { OneDnnBackend } from './backend.js';
import { dense } from './descriptions.js';
import { Primitive } from './primitive.js';
import { created, succeed } from './runtime.js';

/** exp(x) over its sum in each row of `[rows,classes]`. Runs on x and y, which may be one array. */
export function softmax(backend: OneDnnBackend, rows: number, classes: number): Primitive {
  return backend.primitives.get('softmax', [rows, classes], () => {
    const name = `softmax [${rows},${classes}]`;
    const { runtime } = backend;
    const { functions, engine } = runtime;
    const x = dense(runtime, [rows, classes]);
    const operation = new Uint8Array(SIZE.softmax);
    succeed(name, functions.softmax(operation, PROPAGATION.inference, x, 1));
    const descriptor = created(name, (out) => functions.descriptorCreate(out, operation, 0, engine, 0));
    return new Primitive(runtime, name, descriptor, [
      { argument: ARGUMENT.source, name: 'x', description: x },
      { argument: ARGUMENT.destination, name: 'y', description: x },
    ]);
  });
}
