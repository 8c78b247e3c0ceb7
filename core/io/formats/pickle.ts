import { FileError } from '../files/index.js';

/** What a pickle of plain data and tensors is made of. A list and a tuple are arrays, a dict is a map. */
export type PickleValue = null | boolean | number | bigint | string | object;

/** What a pickle may refer to, besides plain data. */
export interface PickleHost {
  /** What a global of Python stands for, a {@link PickleFunction} where it may be called; absent refuses it. */
  global(name: string): object | undefined;
  /** What a persistent id stands for. @throws PickleError saying what is wrong with it. */
  persistent(id: PickleValue): PickleValue;
}

/** A global that a pickle may call, with plain data and what came of other calls. */
export class PickleFunction {
  readonly call: (...values: readonly PickleValue[]) => PickleValue;

  /** @param call may throw a {@link PickleError} */
  constructor(call: PickleFunction['call']) {
    this.call = call;
  }
}

/**
 * Reads a pickle without running it: the machine below knows the operations that build plain data, and those that name a global
 * or call it; what may be named, the host says. Anything else is refused.
 *
 * @param path what the error messages call the bytes
 * @throws FileError naming the byte and what stands there.
 */
export function unpickle(bytes: Uint8Array, path: string, host: PickleHost): PickleValue {
  const machine = new PickleMachine(bytes, host);
  try {
    return machine.run();
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    throw new FileError(path, `byte ${machine.at}: ${error.message}`);
  }
}

/** Something of a pickle that is refused. */
export class PickleError extends Error {}

const STOP = 0x2e;

/** The stack machine of Python's pickle (PEP 307, PEP 3154), for protocols 2 to 5. */
class PickleMachine {
  readonly #bytes: Buffer;
  readonly #host: PickleHost;
  readonly #memo = new Map<number, PickleValue>();
  /** Stacks set aside at marks. */
  readonly #marked: PickleValue[][] = [];
  #stack: PickleValue[] = [];
  #next = 0;
  /** Where the operation being done starts. */
  at = 0;

  constructor(bytes: Uint8Array, host: PickleHost) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#host = host;
  }

  run(): PickleValue {
    for (;;) {
      this.at = this.#next;
      const code = this.#uint(1);
      if (code === STOP) return this.#result();
      const operation = OPERATIONS.get(code);
      if (!operation)
        throw new PickleError(`operation 0x${code.toString(16).padStart(2, '0')} is none that builds tensors`);
      operation(this.#access);
    }
  }

  /** What operations may do. */
  readonly #access: Machine = {
    push: (value) => this.#stack.push(value),
    pop: () => this.#pop(),
    top: () => this.#stack.at(-1) ?? this.#underflow(),
    mark: () => {
      this.#marked.push(this.#stack);
      this.#stack = [];
    },
    sinceMark: () => {
      const values = this.#stack;
      this.#stack = this.#marked.pop() ?? this.#underflow();
      return values;
    },
    uint: (size) => this.#uint(size),
    take: (length) => this.#take(length),
    line: () => this.#line(),
    memoise: (index) => {
      this.#memo.set(index ?? this.#memo.size, this.#access.top());
    },
    recall: (index) => {
      const value = this.#memo.get(index);
      if (value === undefined) throw new PickleError(`nothing was memorised as ${index}`);
      this.#stack.push(value);
    },
    global: (name) => {
      const meaning = this.#host.global(name);
      if (!meaning) throw new PickleError(`'${name}' is named, which is no part of a tensor`);
      this.#stack.push(meaning);
    },
    call: () => {
      const values = this.#pop();
      const callee = this.#pop();
      if (!(callee instanceof PickleFunction) || !Array.isArray(values))
        throw new PickleError('something is called that is no function');
      this.#stack.push(callee.call(...values));
    },
    persistent: () => this.#stack.push(this.#host.persistent(this.#pop())),
  };

  #result(): PickleValue {
    const value = this.#pop();
    if (this.#next !== this.#bytes.length)
      throw new PickleError(`${this.#bytes.length - this.#next} bytes follow the end`);
    return value;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    return value === undefined ? this.#underflow() : value;
  }

  #underflow(): never {
    throw new PickleError('a value is used that was never there');
  }

  /** Little-endian, of 1 to 6 bytes. */
  #uint(size: number): number {
    return this.#take(size).readUIntLE(0, size);
  }

  #take(length: number): Buffer {
    const start = this.#next;
    if (length > this.#bytes.length - start) throw new PickleError(`the end comes within ${length} bytes`);
    this.#next += length;
    return this.#bytes.subarray(start, this.#next);
  }

  #line(): string {
    const end = this.#bytes.indexOf(10, this.#next);
    if (end < 0) throw new PickleError('the end comes within a name');
    const text = this.#bytes.toString('utf8', this.#next, end);
    this.#next = end + 1;
    return text;
  }
}

interface Machine {
  push(value: PickleValue): void;
  pop(): PickleValue;
  top(): PickleValue;
  mark(): void;
  /** The values since the last mark, which are taken off. */
  sinceMark(): PickleValue[];
  uint(size: number): number;
  take(length: number): Buffer;
  line(): string;
  /** Remembers the top value; by the number of those before it where no index is given. */
  memoise(index?: number): void;
  recall(index: number): void;
  global(name: string): void;
  call(): void;
  persistent(): void;
}

const OPERATIONS: ReadonlyMap<number, (machine: Machine) => void> = new Map([
  // PROTO, FRAME
  [0x80, (m) => protocol(m.uint(1))],
  [0x95, (m) => void m.take(8)],
  // NONE, NEWTRUE, NEWFALSE
  [0x4e, (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  // BININT, BININT1, BININT2, LONG1, BINFLOAT
  [0x4a, (m) => m.push(m.take(4).readInt32LE())],
  [0x4b, (m) => m.push(m.uint(1))],
  [0x4d, (m) => m.push(m.uint(2))],
  [0x8a, (m) => m.push(long(m.take(m.uint(1))))],
  [0x47, (m) => m.push(m.take(8).readDoubleBE())],
  // BINUNICODE, SHORT_BINUNICODE
  [0x58, (m) => m.push(m.take(m.uint(4)).toString('utf8'))],
  [0x8c, (m) => m.push(m.take(m.uint(1)).toString('utf8'))],
  // EMPTY_LIST, APPEND, APPENDS
  [0x5d, (m) => m.push([])],
  [0x61, (m) => append(m, [m.pop()])],
  [0x65, (m) => append(m, m.sinceMark())],
  // EMPTY_DICT, SETITEM, SETITEMS
  [0x7d, (m) => m.push(new Map())],
  [0x73, (m) => set(m, [m.pop(), m.pop()].reverse())],
  [0x75, (m) => set(m, m.sinceMark())],
  // MARK, EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3
  [0x28, (m) => m.mark()],
  [0x29, (m) => m.push([])],
  [0x74, (m) => m.push(m.sinceMark())],
  [0x85, (m) => m.push([m.pop()])],
  [0x86, (m) => m.push([m.pop(), m.pop()].reverse())],
  [0x87, (m) => m.push([m.pop(), m.pop(), m.pop()].reverse())],
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  [0x71, (m) => m.memoise(m.uint(1))],
  [0x72, (m) => m.memoise(m.uint(4))],
  [0x94, (m) => m.memoise()],
  [0x68, (m) => m.recall(m.uint(1))],
  [0x6a, (m) => m.recall(m.uint(4))],
  // GLOBAL, STACK_GLOBAL, REDUCE, NEWOBJ, BUILD, BINPERSID
  [0x63, (m) => m.global(`${m.line()}.${m.line()}`)],
  [0x93, (m) => m.global([m.pop(), m.pop()].reverse().map(text).join('.'))],
  [0x52, (m) => m.call()],
  [0x81, (m) => m.call()],
  [0x62, build],
  [0x51, (m) => m.persistent()],
] satisfies [number, (machine: Machine) => void][]);

function protocol(version: number): void {
  if (version < 2 || version > 5) throw new PickleError(`protocol ${version}; expected 2 to 5`);
}

/** Two's complement, little-endian. */
function long(bytes: Buffer): number | bigint {
  let value = 0n;
  for (const [index, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * index);
  value = BigInt.asIntN(8 * bytes.length, value);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function append(machine: Machine, values: readonly PickleValue[]): void {
  const list = machine.top();
  if (!Array.isArray(list)) throw new PickleError('values are appended to what is no list');
  for (const value of values) list.push(value);
}

function set(machine: Machine, pairs: readonly PickleValue[]): void {
  const dict = machine.top();
  if (!(dict instanceof Map) || pairs.length % 2 !== 0) throw new PickleError('items are set in what is no dict');
  for (let at = 0; at < pairs.length; at += 2) dict.set(pairs[at], pairs[at + 1]);
}

/** Attributes of a dict (a state dict's `_metadata`) and of settings say nothing of tensors. */
function build(machine: Machine): void {
  const state = machine.pop();
  if (!(machine.top() instanceof Map) || !(state instanceof Map))
    throw new PickleError('a state is given to what is no dict');
}

function text(value: PickleValue): string {
  if (typeof value !== 'string') throw new PickleError('a global whose name is no text');
  return value;
}
