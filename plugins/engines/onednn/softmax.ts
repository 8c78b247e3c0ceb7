import type { OneDnnBackend } from './backend.js';
import { dense } from './descriptions.js';
import { ARGUMENT } from './ffi/constants.js';
import { Primitive } from './primitive.js';

/** exp(x) over its sum in each row of `[rows,classes]`. Runs on x and y, which may be one array. */
export function softmax(backend: OneDnnBackend, rows: number, classes: number): Primitive {
  return backend.primitives.get('softmax', [rows, classes], () => {
    const name = `softmax [${rows},${classes}]`;
    const { runtime } = backend;
    const x = dense(runtime, [rows, classes]);
    const descriptor = runtime.functions.softmax(runtime.making(name), x, 1);
    return new Primitive(runtime, name, descriptor, [
      { argument: ARGUMENT.source, name: 'x', description: x },
      { argument: ARGUMENT.destination, name: 'y', description: x },
    ]);
  });
}
