import test from 'ava';
import fc from 'fast-check';
import { FileError } from '../../../../core/io/files/index.js';
import { decodeSafetensors, encodeSafetensors, type TensorsToWrite } from '../../../../core/io/formats/safetensors.js';

const values = fc.oneof(
  fc.float32Array({ maxLength: 12 }),
  fc.float64Array({ maxLength: 12 }),
  fc.int32Array({ maxLength: 12 }),
  fc.uint8Array({ maxLength: 12 }),
  fc.bigInt64Array({ maxLength: 12 }),
);
const name = fc
  .string({ unit: 'binary', maxLength: 8 })
  .filter((text) => text !== '__metadata__' && text !== '__proto__');
const tensors = fc
  .array(fc.tuple(name, values), { maxLength: 6 })
  .map(
    (entries): TensorsToWrite =>
      new Map(entries.map(([key, array]) => [key, { shape: [array.length], values: array }])),
  );
const metadata = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  fc.string(),
  { maxKeys: 3 },
);

/** A file written by hand. */
function file(header: unknown, data = new Uint8Array()): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

test('what is written is read back, to the bit', (t) => {
  fc.assert(
    fc.property(tensors, metadata, (given, notes) => {
      const read = decodeSafetensors(encodeSafetensors(given, notes), 'x');
      t.deepEqual({ ...read.metadata }, { ...notes });
      t.is(read.tensors.size, given.size);
      for (const [key, { shape, values: expected }] of given) {
        const found = read.tensors.get(key);
        t.deepEqual(found?.shape, shape);
        t.is(found?.values.constructor, expected.constructor);
        t.deepEqual(Buffer.from(bytes(found?.values)), Buffer.from(bytes(expected)));
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

const bytes = (array: ArrayBufferView | undefined): Uint8Array =>
  array ? new Uint8Array(array.buffer, array.byteOffset, array.byteLength) : new Uint8Array();

test('a mutated file is read or refused by name, never more', (t) => {
  const original = encodeSafetensors(
    new Map<string, { shape: number[]; values: Float32Array | Int32Array }>([
      ['block.kernel', { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }],
      ['block.count', { shape: [1], values: Int32Array.of(7) }],
    ]),
    { format: 'pt' },
  );
  const mutation = fc.record({ at: fc.nat(original.length - 1), byte: fc.nat(255), cut: fc.nat(original.length) });
  let refused = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), fc.boolean(), (mutations, truncate) => {
      let mutated = Uint8Array.from(original);
      for (const { at, byte } of mutations) mutated[at] = byte;
      if (truncate) mutated = mutated.slice(0, mutations[0]?.cut);
      try {
        decodeSafetensors(mutated, 'x.safetensors');
      } catch (error) {
        refused++;
        t.true(error instanceof FileError, String(error));
        t.true((error as FileError).message.startsWith('x.safetensors'));
      }
    }),
    { seed: 2, numRuns: 2000 },
  );
  t.true(refused > 1000);
});

test('arrays start aligned, whatever their order', (t) => {
  const encoded = encodeSafetensors(
    new Map<string, { shape: number[]; values: Uint8Array | Float64Array | Float32Array }>([
      ['u', { shape: [3], values: Uint8Array.of(1, 2, 3) }],
      ['d', { shape: [1], values: Float64Array.of(1) }],
      ['f', { shape: [1], values: Float32Array.of(1) }],
    ]),
  );
  const { tensors: read } = decodeSafetensors(encoded, 'x');
  t.true(
    [...read.values()].every(({ values }) => values.buffer === encoded.buffer),
    'views, not copies',
  );
});

test('half precision is widened exactly', (t) => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x8000, 0x3555);
  const bfloats = Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x0001);
  const { tensors: read } = decodeSafetensors(
    file(
      {
        h: { dtype: 'F16', shape: [8], data_offsets: [0, 16] },
        b: { dtype: 'BF16', shape: [2, 2], data_offsets: [16, 24] },
      },
      Buffer.concat([bytes(halves), bytes(bfloats)]),
    ),
    'x',
  );
  t.deepEqual([...(read.get('h')?.values ?? [])], [1, -2, 2 ** -24, 65504, Infinity, -Infinity, -0, 0.333251953125]);
  t.deepEqual([...(read.get('b')?.values ?? [])], [1, -2, Infinity, 9.183549615799121e-41]);
});

test('headers that lie are refused, each by what is wrong', (t) => {
  const four = new Uint8Array(4);
  const tensor = (entry: object) => ({ t: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...entry } });
  const cases: [Uint8Array, RegExp][] = [
    [Uint8Array.of(1, 2, 3), /has 3 bytes/],
    [file(tensor({})).subarray(0, 20), /announces a header of \d+ bytes, but only 12 follow/],
    [Buffer.concat([Buffer.alloc(7, 0xff), Buffer.of(0x7f, 0x7b)]), /announces a header of \d{15,} bytes; at most/],
    [file('[1]'), /does not start with/],
    [file('{"t": '), /is not JSON/],
    [file({ t: { dtype: 'F32' } }), /tensor 't' has shape undefined/],
    [file(tensor({ dtype: 'C64' }), four), /dtype "C64"; expected one of F64/],
    [file(tensor({ extra: 1 }), four), /unknown key 'extra'/],
    [file(tensor({ shape: [-1] }), four), /has shape \[-1\]/],
    [file(tensor({ shape: [1.5] }), four), /has shape \[1\.5\]/],
    [file(tensor({ shape: [2 ** 40, 2 ** 40] }), four), /has 4 bytes \(0 to 4\); expected \d/],
    [file(tensor({ shape: [2] }), four), /has 4 bytes \(0 to 4\); expected 8/],
    [file(tensor({ data_offsets: [4, 0] }), four), /has -4 bytes/],
    [file(tensor({ data_offsets: [0, 4, 8] }), four), /data_offsets/],
    [file(tensor({ data_offsets: [4, 8] }), new Uint8Array(8)), /bytes 0 to 4 belong to no tensor/],
    [
      file({ ...tensor({}), u: { dtype: 'U8', shape: [2], data_offsets: [3, 5] } }, new Uint8Array(5)),
      /'u' starts at byte 3, inside/,
    ],
    [file(tensor({})), /describes 4 bytes of tensors, but holds 0/],
    [file(tensor({}), new Uint8Array(5)), /holds 5 bytes of tensors, but describes 4/],
    [file({ ...tensor({}), __metadata__: { a: 1 } }, four), /__metadata__/],
    [file('{"__proto__": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}}'), /__proto__/],
  ];
  for (const [bytes, message] of cases) {
    t.throws(() => decodeSafetensors(bytes, 'x'), { instanceOf: FileError, message });
  }
});

test('a shape that does not fit its values is not written', (t) => {
  const wrong = new Map([['a', { shape: [2, 2], values: new Float32Array(3) }]]);
  t.throws(() => encodeSafetensors(wrong), { message: /tensor a has shape \[2,2\] but 3 values/ });
  t.throws(() => encodeSafetensors(new Map([['__metadata__', { shape: [0], values: new Uint8Array() }]])));
});
