import { ALGORITHM } from './ffi/constants.js';
import type { OneDnnBackend } from './backend.js';
import { map } from './elementwise.js';

const LENGTH = 65_536;

/**
 * Makes OpenMP's threads, which keep the signals held back that were so where they were made: what is sent to the process then
 * reaches none of them in the middle of a product. Whatever asks for all of them first makes them; an elementwise operation does.
 */
export function startThreads(backend: OneDnnBackend): void {
  backend.scratch(LENGTH, (values) => {
    const relu = map(backend, ALGORITHM.relu, LENGTH);
    backend.runtime.uninterrupted(() => relu.run(values, values));
  });
}
