import { FileError } from '../files/index.js';
import { PickleMachine } from './pickle-machine.js';
import { OPERATIONS } from './pickle-operations.js';
import { PickleError, type PickleHost, type PickleValue } from './pickle-values.js';

export { PickleError, PickleFunction, type PickleHost, PickleObject, type PickleValue } from './pickle-values.js';

/** A pickle that was read, and where its bytes end: others may follow. */
export interface ReadPickle {
  readonly value: PickleValue;
  readonly end: number;
}

/**
 * Reads a pickle without running it: the machine below knows the operations that build plain data, and notes which class or function
 * of Python would have made the rest. What takes more work than its bytes allow is refused.
 *
 * @param path what the error messages call the bytes
 * @throws FileError naming the byte and what stands there.
 */
export function unpickle(bytes: Uint8Array, path: string, host: PickleHost): PickleValue {
  const { value, end } = unpickleAt(bytes, 0, path, host);
  if (end !== bytes.length) throw new FileError(path, `byte ${end - 1}: ${bytes.length - end} bytes follow the end`);
  return value;
}

/** The same for a pickle that starts within the bytes, and that others may follow. */
export function unpickleAt(bytes: Uint8Array, start: number, path: string, host: PickleHost): ReadPickle {
  const machine = new PickleMachine(bytes, start, host);
  try {
    return run(machine);
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    throw new FileError(path, `byte ${machine.at}: ${error.message}`);
  }
}

const STOP = 0x2e;

/** Far more than the figures, settings and tensors of any training run take; a second's work. */
const MAX_OPERATIONS = 2 ** 24;

function run(machine: PickleMachine): ReadPickle {
  for (let done = 0; ; done++) {
    if (done > MAX_OPERATIONS) throw new PickleError(`more than ${MAX_OPERATIONS} operations`);
    machine.at = machine.next;
    const code = machine.uint(1);
    if (code === STOP) return { value: machine.pop(), end: machine.next };
    const operation = OPERATIONS[code];
    if (!operation)
      throw new PickleError(`operation 0x${code.toString(16).padStart(2, '0')} is none that builds plain data`);
    operation(machine);
  }
}
