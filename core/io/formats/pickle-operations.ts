import type { PickleMachine as Machine } from './pickle-machine.js';
import { isBuildable, PickleError, PickleObject, type PickleValue } from './pickle-values.js';

/**
 * The operations of Python's pickle by their byte, for protocols 0 to 5. Those that take code or memory from elsewhere (extension
 * registry, out-of-band buffers) are absent, and refused where they stand.
 */
export const OPERATIONS: readonly (((machine: Machine) => void) | undefined)[] = table([
  // PROTO, FRAME
  [0x80, (m) => protocol(m.uint(1))],
  [0x95, (m) => void m.take(8)],
  // NONE, NEWTRUE, NEWFALSE
  [0x4e, (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  // INT, LONG, FLOAT, BININT, BININT1, BININT2, LONG1, LONG4, BINFLOAT
  [0x49, (m) => m.push(integer(m.line()))],
  [0x4c, (m) => m.push(integer(m.line().replace(/L$/, '')))],
  [0x46, (m) => m.push(number(m.line()))],
  [0x4a, (m) => m.push(m.take(4).readInt32LE())],
  [0x4b, (m) => m.push(m.uint(1))],
  [0x4d, (m) => m.push(m.uint(2))],
  [0x8a, (m) => m.push(long(m.take(m.uint(1))))],
  [0x8b, (m) => m.push(long(m.take(m.uint(4))))],
  [0x47, (m) => m.push(m.take(8).readDoubleBE())],
  // STRING, BINSTRING, SHORT_BINSTRING: Python 2's, a byte a character
  [0x53, (m) => m.push(quoted(m.line()))],
  [0x54, (m) => m.push(m.take(m.uint(4)).toString('latin1'))],
  [0x55, (m) => m.push(m.take(m.uint(1)).toString('latin1'))],
  // UNICODE, BINUNICODE, SHORT_BINUNICODE, BINUNICODE8
  [0x56, (m) => m.push(m.line())],
  [0x58, (m) => m.push(m.take(m.uint(4)).toString('utf8'))],
  [0x8c, (m) => m.push(m.take(m.uint(1)).toString('utf8'))],
  [0x8d, (m) => m.push(m.take(length8(m)).toString('utf8'))],
  // BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8
  [0x42, (m) => m.push(m.take(m.uint(4)))],
  [0x43, (m) => m.push(m.take(m.uint(1)))],
  [0x8e, (m) => m.push(m.take(length8(m)))],
  [0x96, (m) => m.push(m.take(length8(m)))],
  // EMPTY_LIST, LIST, APPEND, APPENDS
  [0x5d, (m) => m.push([])],
  [0x6c, (m) => m.push(m.sinceMark())],
  [0x61, (m) => append(m, [m.pop()])],
  [0x65, (m) => append(m, m.sinceMark())],
  // EMPTY_DICT, DICT, SETITEM, SETITEMS
  [0x7d, (m) => m.push(new Map())],
  [
    0x64,
    (m) => {
      const pairs = m.sinceMark();
      m.push(new Map());
      set(m, pairs);
    },
  ],
  [0x73, (m) => set(m, [m.pop(), m.pop()].reverse())],
  [0x75, (m) => set(m, m.sinceMark())],
  // EMPTY_SET, FROZENSET, ADDITEMS
  [0x8f, (m) => m.push(new Set())],
  [0x91, (m) => m.push(new Set(m.sinceMark()))],
  [0x90, add],
  // MARK, POP, POP_MARK, DUP
  [0x28, (m) => m.mark()],
  [0x30, (m) => m.drop()],
  [0x31, (m) => void m.sinceMark()],
  [0x32, (m) => m.push(m.top())],
  // EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3
  [0x29, (m) => m.push([])],
  [0x74, (m) => m.push(m.sinceMark())],
  [0x85, (m) => m.push([m.pop()])],
  [0x86, (m) => m.push([m.pop(), m.pop()].reverse())],
  [0x87, (m) => m.push([m.pop(), m.pop(), m.pop()].reverse())],
  // PUT, BINPUT, LONG_BINPUT, MEMOIZE, GET, BINGET, LONG_BINGET
  [0x70, (m) => m.memoise(index(m.line()))],
  [0x71, (m) => m.memoise(m.uint(1))],
  [0x72, (m) => m.memoise(m.uint(4))],
  [0x94, (m) => m.memoise()],
  [0x67, (m) => m.recall(index(m.line()))],
  [0x68, (m) => m.recall(m.uint(1))],
  [0x6a, (m) => m.recall(m.uint(4))],
  // GLOBAL, STACK_GLOBAL
  [0x63, (m) => m.global(`${m.line()}.${m.line()}`)],
  [0x93, (m) => m.global([m.pop(), m.pop()].reverse().map(text).join('.'))],
  // REDUCE, NEWOBJ, NEWOBJ_EX, INST, OBJ, BUILD
  [0x52, call],
  [0x81, call],
  [
    0x92,
    (m) => {
      m.pop();
      call(m);
    },
  ],
  [
    0x69,
    (m) => {
      const name = `${m.line()}.${m.line()}`;
      const values = m.sinceMark();
      m.global(name);
      m.call(m.pop(), values);
    },
  ],
  [
    0x6f,
    (m) => {
      const [type, ...values] = m.sinceMark();
      if (type === undefined) throw new PickleError('an object without a class');
      m.call(type, values);
    },
  ],
  [0x62, build],
  // PERSID, BINPERSID
  [0x50, (m) => m.persistent(m.line())],
  [0x51, (m) => m.persistent(m.pop())],
]);

function table(operations: readonly (readonly [number, (machine: Machine) => void])[]): typeof OPERATIONS {
  const result: ((machine: Machine) => void)[] = [];
  for (const [code, operation] of operations) result[code] = operation;
  return result;
}

function protocol(version: number): void {
  if (version > 5) throw new PickleError(`protocol ${version}; expected 0 to 5`);
}

function call(machine: Machine): void {
  const values = machine.pop();
  machine.call(machine.pop(), values);
}

/** A length of eight bytes; more than 2^48 is behind the end of any file. */
function length8(machine: Machine): number {
  const low = machine.uint(6);
  return machine.uint(2) === 0 ? low : Number.POSITIVE_INFINITY;
}

/** Longer ones are the seeds of random number generators and the like; what they say is of no interest here. */
const LONGEST = 64;

/** Two's complement, little-endian. */
function long(bytes: Buffer): PickleValue {
  if (bytes.length > LONGEST) return bytes;
  let value = 0n;
  for (const [at, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * at);
  return small(BigInt.asIntN(8 * bytes.length, value));
}

const small = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

/** `01` and `00` are how protocol 0 writes booleans. */
function integer(line: string): PickleValue {
  if (line === '01' || line === '00') return line === '01';
  if (!/^[-+]?\d{1,150}$/.test(line)) throw new PickleError('an integer that is none');
  return small(BigInt(line));
}

function number(line: string): number {
  const value =
    { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[line] ?? Number(line);
  if (Number.isNaN(value) && line !== 'nan') throw new PickleError('a number that is none');
  return value;
}

function index(line: string): number {
  if (!/^\d{1,10}$/.test(line)) throw new PickleError('a number of a memory that is none');
  return Number(line);
}

function quoted(line: string): string {
  const [, inside] = /^(?:'(.*)'|"(.*)")$/s.exec(line)?.filter((part) => part !== undefined) ?? [];
  if (inside === undefined) throw new PickleError('a text without quotes');
  return inside.replaceAll(/\\x([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function append(machine: Machine, values: readonly PickleValue[]): void {
  const list = machine.top();
  const elements = list instanceof PickleObject ? list.ownElements() : list;
  if (!Array.isArray(elements)) throw new PickleError('values are appended to what is no list');
  for (const value of values) elements.push(value);
}

function set(machine: Machine, pairs: readonly PickleValue[]): void {
  const dict = machine.top();
  const items = dict instanceof PickleObject ? dict.ownItems() : dict;
  if (!(items instanceof Map) || pairs.length % 2 !== 0) throw new PickleError('items are set in what is no dict');
  for (let at = 0; at < pairs.length; at += 2) items.set(pairs[at], pairs[at + 1]);
}

function add(machine: Machine): void {
  const values = machine.sinceMark();
  const set = machine.top();
  if (!(set instanceof Set)) throw new PickleError('values are added to what is no set');
  for (const value of values) set.add(value);
}

/** Attributes of a dict (a state dict's `_metadata`) say nothing of tensors, and neither do those of plain data. */
function build(machine: Machine): void {
  const state = machine.pop();
  const target = machine.top();
  if (target instanceof PickleObject) target.state = state;
  else if (isBuildable(target)) target.build(state);
  else if (typeof target !== 'object' || target === null)
    throw new PickleError('a state is given to what is no object');
}

function text(value: PickleValue): string {
  if (typeof value !== 'string') throw new PickleError('a global whose name is no text');
  return value;
}
