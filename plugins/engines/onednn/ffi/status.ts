import type { Handle, Status } from './interface.js';

/** What the library's status codes mean. */
const STATUS = [
  'success',
  'out of memory',
  'invalid arguments',
  'unimplemented',
  'no further implementation',
  'runtime error',
  'not required',
];

/** @throws Error naming what the library refused, and why. */
export function succeed(what: string, status: Status): void {
  if (status !== 0) throw new Error(`oneDNN, ${what}: ${STATUS[status] ?? `status ${status}`}`);
}

/** The handle that a call writes. @throws Error naming what the library refused. */
export function created(what: string, call: (out: BigUint64Array) => Status): Handle {
  const out = new BigUint64Array(1);
  succeed(what, call(out));
  return Number(out[0]);
}
