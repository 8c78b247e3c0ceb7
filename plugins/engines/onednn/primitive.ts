import { QUERY, SIZE } from './abi.js';
import { bytesOf, type Description } from './descriptions.js';
import type { Handle } from './library.js';
import { created, type Runtime, succeed } from './runtime.js';

/** One argument of a primitive: its number in oneDNN, what we call it in errors, and what it must be. */
export interface Slot {
  readonly argument: number;
  readonly name: string;
  readonly description: Description;
  /** Where it describes a part: what it is a part of, whose array is given. */
  readonly whole?: Description;
}

type Data = Float32Array | Uint8Array;

/**
 * A compiled operation on fixed shapes with places for its arguments. Owns its handles until `destroy`.
 * Running it checks each array's length first: the library itself would read past the end.
 */
export class Primitive {
  readonly name: string;
  /** What the library calls the code that it chose. */
  readonly implementation: string;
  readonly #runtime: Runtime;
  readonly #handle: Handle;
  readonly #memories: readonly Handle[];
  readonly #names: readonly string[];
  readonly #bytes: readonly number[];
  readonly #arguments: Uint8Array;
  readonly #multipliesMatrices: boolean;

  /** Takes over the descriptor, which it destroys. */
  constructor(runtime: Runtime, name: string, descriptor: Handle, slots: readonly Slot[]) {
    const { functions } = runtime;
    this.name = name;
    this.#runtime = runtime;
    this.#handle = created(name, (out) => functions.primitiveCreate(out, descriptor));
    this.implementation = implementationOf(runtime, name, descriptor);
    this.#multipliesMatrices = this.implementation.includes('gemm');
    functions.descriptorDestroy(descriptor);
    this.#memories = slots.map((slot) =>
      created(`${name}: ${slot.name}`, (out) => functions.memoryCreate(out, slot.description, runtime.engine, 0)),
    );
    this.#names = slots.map((slot) => slot.name);
    this.#bytes = slots.map(({ description, whole = description }) => bytesOf(runtime, whole));
    this.#arguments = new Uint8Array(SIZE.argument * slots.length);
    const view = new DataView(this.#arguments.buffer);
    slots.forEach(({ argument }, index) => {
      view.setInt32(SIZE.argument * index, argument, true);
      view.setBigUint64(SIZE.argument * index + 8, BigInt(this.#memories[index] as Handle), true);
    });
  }

  /** Bytes that the argument at `index` takes. */
  bytes(index: number): number {
    return this.#bytes[index] as number;
  }

  /** One array for each slot, in their order. @throws Error naming an array of the wrong length. */
  run(...data: readonly Data[]): void {
    const { functions } = this.#runtime;
    for (let index = 0; index < this.#memories.length; index++) {
      const given = data[index]?.byteLength;
      if (given !== this.#bytes[index])
        throw new Error(`${this.name}: ${this.#names[index]} has ${given} bytes, expected ${this.#bytes[index]}`);
    }
    for (let index = 0; index < this.#memories.length; index++)
      succeed(this.name, functions.memorySet(this.#memories[index] as Handle, data[index] as Data));
    succeed(this.name, this.#multipliesMatrices ? this.#runtime.uninterrupted(() => this.#execute()) : this.#execute());
  }

  #execute(): number {
    const { functions, stream } = this.#runtime;
    return functions.primitiveExecute(this.#handle, stream, this.#memories.length, this.#arguments);
  }

  destroy(): void {
    for (const memory of this.#memories) this.#runtime.functions.memoryDestroy(memory);
    this.#runtime.functions.primitiveDestroy(this.#handle);
  }
}

function implementationOf({ functions }: Runtime, name: string, descriptor: Handle): string {
  const out: (string | null)[] = [null];
  succeed(name, functions.descriptorImplementation(descriptor, QUERY.implementation, 0, out));
  return out[0] ?? '';
}
