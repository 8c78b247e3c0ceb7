import { QUERY } from './abi.js';
import { instructionsOf } from './instructions.js';
import type { AddressOf, Functions, Handle, Library } from './library.js';
import type { Uninterrupted } from './signals.js';

const STATUS = [
  'success',
  'out of memory',
  'invalid arguments',
  'unimplemented',
  'iterator ends',
  'runtime error',
  'not required',
];

/** The library with its one engine and stream: what every primitive is made and run with. Owns both until `destroy`. */
export class Runtime {
  readonly functions: Functions;
  readonly version: string;
  readonly uninterrupted: Uninterrupted;
  readonly addressOf: AddressOf;
  readonly engine: Handle;
  readonly stream: Handle;
  readonly hasAvx512: boolean;
  #destroyed = false;

  constructor({ functions, version, uninterrupted, addressOf }: Library) {
    this.functions = functions;
    this.version = version;
    this.uninterrupted = uninterrupted;
    this.addressOf = addressOf;
    this.hasAvx512 = instructionsOf(functions) === 'AVX-512';
    this.engine = created('engine', (out) => functions.engineCreate(out, 1, 0));
    this.stream = created('stream', (out) => functions.streamCreate(out, this.engine, 1));
  }

  /** Gives both back; whatever was made with them must be destroyed before. Does nothing a second time. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    succeed('stream', this.functions.streamDestroy(this.stream));
    succeed('engine', this.functions.engineDestroy(this.engine));
  }
}

/** @throws Error naming what the library refused, and why. */
export function succeed(what: string, status: number): void {
  if (status !== 0) throw new Error(`oneDNN, ${what}: ${STATUS[status] ?? `status ${status}`}`);
}

/** The handle that a call writes. @throws Error naming what the library refused. */
export function created(what: string, call: (out: BigUint64Array) => number): Handle {
  const out = new BigUint64Array(1);
  succeed(what, call(out));
  return Number(out[0]);
}

/** Bytes that an operation needs beside its arguments. */
export function consumptionOf({ functions }: Runtime, what: string, descriptor: Handle): number {
  const out = new BigInt64Array(1);
  succeed(what, functions.descriptorQueryInto(descriptor, QUERY.memoryConsumption, 0, out));
  return Number(out[0]);
}
