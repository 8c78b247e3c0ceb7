import {
  PickleError,
  PickleFunction,
  PickleGlobal,
  type PickleHost,
  PickleObject,
  type PickleValue,
} from './pickle-values.js';

/** How often, on average, a byte may be looked at again by what is made of it. */
const WORK_PER_BYTE = 16;

const LONGEST_NAME = 1000;

/** Python's own recursion ends before this. */
const MAX_MARKS = 10_000;

/** What Python would run a program with, if it loaded the file. A checkpoint needs none of it. */
const HARMFUL =
  /^(?:(?:__builtin__|builtins)\.(?:eval|exec|execfile|compile|open|__import__|breakpoint|input)|(?:os|posix|nt|subprocess|sys|shutil|socket|runpy|pty|importlib|ctypes|webbrowser|code|codeop|pdb|bdb|timeit|commands|popen2|multiprocessing|asyncio|http|urllib|requests|pip|setuptools|torch\.hub)(?:\..*)?)$/;

/** The stack machine of Python's pickle (PEP 307, PEP 3154, PEP 574), for protocols 0 to 5. */
export class PickleMachine {
  readonly #bytes: Buffer;
  readonly #host: PickleHost;
  readonly #memo: PickleValue[] = [];
  readonly #stack: PickleValue[] = [];
  /** Heights of the stack at marks. */
  readonly #marks: number[] = [];
  #next: number;
  /** Elements that calls were given. */
  #work = 0;
  /** Where the operation being done starts. */
  at: number;

  constructor(bytes: Uint8Array, start: number, host: PickleHost) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#host = host;
    this.#next = start;
    this.at = start;
  }

  /** The byte behind what has been read. */
  get next(): number {
    return this.#next;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) return underflow();
    return this.#stack.pop() as PickleValue;
  }

  top(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) return underflow();
    return this.#stack.at(-1) as PickleValue;
  }

  mark(): void {
    if (this.#marks.length >= MAX_MARKS) throw new PickleError(`more than ${MAX_MARKS} values within one another`);
    this.#marks.push(this.#stack.length);
  }

  /** The values since the last mark, which are taken off. */
  sinceMark(): PickleValue[] {
    const height = this.#marks.pop() ?? underflow();
    return this.#stack.splice(height);
  }

  /** Drops the top value, or the mark where that stands on top. */
  drop(): void {
    if (this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
    else this.pop();
  }

  /** Remembers the top value; by the number of those before it where no index is given. */
  memoise(index = this.#memo.length): void {
    // Each value that is remembered takes a byte at least, so a higher index is none that a program wrote.
    if (index > this.#bytes.length) throw new PickleError(`a value is memorised as ${index}`);
    this.#memo[index] = this.top();
  }

  recall(index: number): void {
    const value = this.#memo[index];
    if (value === undefined) throw new PickleError(`nothing was memorised as ${index}`);
    this.#stack.push(value);
  }

  global(name: string): void {
    if (name.length > LONGEST_NAME) throw new PickleError(`a name of ${name.length} characters`);
    if (HARMFUL.test(name)) throw new PickleError(`'${name}' is named, which is no part of a checkpoint`);
    this.#stack.push(this.#host.global(name) ?? new PickleGlobal(name));
  }

  /** What a class or function of Python makes of some values. */
  call(callee: PickleValue, values: PickleValue): void {
    if (!Array.isArray(values)) throw new PickleError('something is called with what is no tuple');
    // A value that is named again costs two bytes, and what is made of it all of its length.
    for (const value of values) this.#work += lengthOf(value);
    if (this.#work > WORK_PER_BYTE * this.#bytes.length + 2 ** 20)
      throw new PickleError('more is made of the values than their bytes allow');
    if (callee instanceof PickleFunction) this.#stack.push(callee.call(values));
    else if (callee instanceof PickleGlobal) this.#stack.push(new PickleObject(callee.name, values));
    else if (callee instanceof PickleObject) this.#stack.push(new PickleObject(callee.type, values));
    else throw new PickleError('something is called that is no function');
  }

  persistent(id: PickleValue): void {
    this.#stack.push(this.#host.persistent(id));
  }

  /** Little-endian, of 1 to 6 bytes. */
  uint(size: number): number {
    return this.take(size).readUIntLE(0, size);
  }

  take(length: number): Buffer {
    const start = this.#next;
    if (length > this.#bytes.length - start) throw new PickleError(`the end comes within ${length} bytes`);
    this.#next += length;
    return this.#bytes.subarray(start, this.#next);
  }

  line(): string {
    const end = this.#bytes.indexOf(10, this.#next);
    if (end < 0) throw new PickleError('the end comes within a line');
    const text = this.#bytes.toString('utf8', this.#next, end);
    this.#next = end + 1;
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  }
}

function lengthOf(value: PickleValue): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return value instanceof Map || value instanceof Set ? value.size : 1;
}

function underflow(): never {
  throw new PickleError('a value is used that was never there');
}
