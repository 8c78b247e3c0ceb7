import { bytesOf } from './descriptions.js';
import { ARGUMENT_SIZE, QUERY } from './ffi/constants.js';
import type { Description, Handle } from './ffi/interface.js';
import { created, succeed } from './ffi/status.js';
import type { Runtime } from './runtime.js';

/** One argument of a primitive: its number in oneDNN, what we call it in errors, and what it must be. */
export interface Slot {
  readonly argument: number;
  readonly name: string;
  readonly description: Description;
  /** Where it describes a part: what it is a part of, whose array is given. */
  readonly whole?: Description;
}

/** An argument that lies in the array given for a slot, from some value on; it is given no array of its own. */
export interface Tail extends Omit<Slot, 'whole'> {
  readonly slot: number;
  readonly from: number;
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
  /** Memories of the tails, which follow those of the slots among the arguments. */
  readonly #tails: readonly { readonly memory: Handle; readonly slot: number; readonly from: number }[];
  readonly #names: readonly string[];
  readonly #bytes: readonly number[];
  readonly #arguments: Uint8Array;
  readonly #multipliesMatrices: boolean;

  /** Takes over the descriptor, which it destroys. */
  constructor(runtime: Runtime, name: string, descriptor: Handle, slots: readonly Slot[], tails: readonly Tail[] = []) {
    const { functions } = runtime;
    this.name = name;
    this.#runtime = runtime;
    this.#handle = created(name, (out) => functions.primitiveCreate(out, descriptor));
    this.implementation = implementationOf(runtime, name, descriptor);
    this.#multipliesMatrices = this.implementation.includes('gemm');
    functions.descriptorDestroy(descriptor);
    const memory = (slot: Omit<Slot, 'whole'>): Handle =>
      created(`${name}: ${slot.name}`, (out) => functions.memoryCreate(out, slot.description, runtime.engine, 0));
    this.#memories = slots.map(memory);
    this.#tails = tails.map((tail) => ({ memory: memory(tail), slot: tail.slot, from: tail.from }));
    this.#names = slots.map((slot) => slot.name);
    this.#bytes = slots.map(({ description, whole = description }) => bytesOf(runtime, whole));
    const memories = [...this.#memories, ...this.#tails.map((tail) => tail.memory)];
    this.#arguments = new Uint8Array(ARGUMENT_SIZE * memories.length);
    const view = new DataView(this.#arguments.buffer);
    [...slots, ...tails].forEach(({ argument }, index) => {
      view.setInt32(ARGUMENT_SIZE * index, argument, true);
      view.setBigUint64(ARGUMENT_SIZE * index + 8, BigInt(memories[index] as Handle), true);
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
    for (const { memory, slot, from } of this.#tails)
      succeed(this.name, functions.memorySet(memory, (data[slot] as Data).subarray(from)));
    succeed(this.name, this.#multipliesMatrices ? this.#runtime.uninterrupted(() => this.#execute()) : this.#execute());
  }

  #execute(): number {
    const { functions, stream } = this.#runtime;
    const count = this.#memories.length + this.#tails.length;
    return functions.primitiveExecute(this.#handle, stream, count, this.#arguments);
  }

  destroy(): void {
    for (const memory of this.#memories) this.#runtime.functions.memoryDestroy(memory);
    for (const { memory } of this.#tails) this.#runtime.functions.memoryDestroy(memory);
    this.#runtime.functions.primitiveDestroy(this.#handle);
  }
}

function implementationOf({ functions }: Runtime, name: string, descriptor: Handle): string {
  const out: (string | null)[] = [null];
  succeed(name, functions.descriptorImplementation(descriptor, QUERY.implementation, 0, out));
  return out[0] ?? '';
}
