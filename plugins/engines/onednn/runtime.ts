import { QUERY } from './ffi/constants.js';
import { instructionsOf } from './ffi/instructions.js';
import type { Description, Handle, Interface, Making } from './ffi/interface.js';
import type { AddressOf, Library } from './ffi/library.js';
import type { Uninterrupted } from './ffi/signals.js';
import { created, succeed } from './ffi/status.js';

/**
 * The library with its one engine and stream: what every primitive is made and run with. Owns both until `destroy`, and every
 * description of a tensor that is made while an operation is compiled.
 */
export class Runtime {
  readonly functions: Interface;
  readonly version: string;
  readonly uninterrupted: Uninterrupted;
  readonly addressOf: AddressOf;
  readonly engine: Handle;
  readonly stream: Handle;
  readonly hasAvx512: boolean;
  /** Whether the library convolves in Winograd's form where it is asked to. */
  readonly hasWinograd: boolean;
  readonly #descriptions: Description[] = [];
  #compiling = 0;
  #destroyed = false;

  constructor({ functions, version, uninterrupted, addressOf, hasWinograd }: Omit<Library, 'setThreads'>) {
    this.functions = functions;
    this.version = version;
    this.uninterrupted = uninterrupted;
    this.addressOf = addressOf;
    this.hasWinograd = hasWinograd;
    this.hasAvx512 = instructionsOf(functions.cpuIsa()) === 'AVX-512';
    this.engine = created('engine', (out) => functions.engineCreate(out, 1, 0));
    this.stream = created('stream', (out) => functions.streamCreate(out, this.engine, 1));
  }

  /** What an operation is described with; `attributes` and `hint` where it has them. */
  making(name: string, { attributes = 0, hint = 0 }: Partial<Pick<Making, 'attributes' | 'hint'>> = {}): Making {
    return { name, engine: this.engine, attributes, hint };
  }

  /** Compiles operations. The descriptions that are made meanwhile are given back afterwards: operations keep copies. */
  compile<Made>(make: () => Made): Made {
    this.#compiling++;
    try {
      return make();
    } finally {
      this.#compiling--;
      if (this.#compiling === 0) this.#forget();
    }
  }

  /** Keeps a description until the end of the compilation that it is made in. @throws Error where there is none. */
  keep(description: Description): Description {
    if (this.#compiling === 0) throw new Error('a description of a tensor is made outside of `Runtime.compile`');
    this.#descriptions.push(description);
    return description;
  }

  #forget(): void {
    for (const description of this.#descriptions) this.functions.forget(description);
    this.#descriptions.length = 0;
  }

  /** Gives both back; whatever was made with them must be destroyed before. Does nothing a second time. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    succeed('stream', this.functions.streamDestroy(this.stream));
    succeed('engine', this.functions.engineDestroy(this.engine));
  }
}

/** Bytes that an operation needs beside its arguments. */
export function consumptionOf({ functions }: Runtime, what: string, descriptor: Handle): number {
  const out = new BigInt64Array(1);
  succeed(what, functions.descriptorQueryInto(descriptor, QUERY.memoryConsumption, 0, out));
  return Number(out[0]);
}
