import fc from 'fast-check';
import { ops, pthFile, storedZip, tensorOf } from '../../core/io/formats/pth-writer.js';
import { mutated } from './mutate.js';

// Pickles by the grammar of the format, so that they come past the first operations: values in values, objects that are called and
// built, tensors whose numbers do not fit, memories that refer to themselves, and operations that stand where they should not.

type Program = fc.Arbitrary<Buffer>;

const byte = (code: number): Buffer => Buffer.of(code);
const joined = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);

/** An operation with a length before its bytes. */
const sized = (code: number, width: 1 | 4 | 8, length: number, bytes: Uint8Array): Buffer => {
  const head = Buffer.alloc(1 + width);
  head[0] = code;
  if (width === 8) head.writeBigUInt64LE(BigInt(length), 1);
  else head.writeUIntLE(length, 1, width);
  return joined(head, Buffer.from(bytes));
};

/** Lengths and places at the edge of what fits. */
const edge = fc.oneof(
  fc.integer({ min: 0, max: 8 }),
  fc.constantFrom(-1, 255, 65_536, 0x7fff_ffff, -0x8000_0000, 1_000_000),
);

const words = fc.constantFrom(
  'state_dict',
  'model',
  'weight',
  'stage1.0.conv.weight',
  '__proto__',
  '',
  '\u001b[2J',
  '\ud83d\ude42',
);

const text: Program = fc.oneof(
  words.map(ops.text),
  fc.string({ maxLength: 12 }).map(ops.text),
  words.map((word) => sized(0x8c, 1, Buffer.byteLength(word), Buffer.from(word))),
);

const number: Program = fc.oneof(
  edge.map(ops.int),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => sized(0x8a, 1, bytes.length, bytes)),
  fc.double().map((value) => {
    const bytes = Buffer.alloc(9, 0x47);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }),
  fc
    .constantFrom('I01\n', 'I00\n', 'L123456789012345678901234567890L\n', 'Fnan\n', 'I\n')
    .map((line) => Buffer.from(line)),
);

const bytes: Program = fc
  .tuple(
    fc.constantFrom<readonly [number, 1 | 4 | 8]>([0x43, 1], [0x42, 4], [0x8e, 8], [0x96, 8]),
    fc.uint8Array({ maxLength: 30 }),
    fc.boolean(),
  )
  .map(([[code, width], value, lies]) =>
    sized(code, width, lies ? Math.min(255, value.length + 9) : value.length, value),
  );

const names = fc.constantFrom<readonly [string, string]>(
  ['collections', 'OrderedDict'],
  ['collections', 'Counter'],
  ['torch._utils', '_rebuild_tensor_v2'],
  ['torch._utils', '_rebuild_parameter'],
  ['torch', 'FloatStorage'],
  ['torch', 'Size'],
  ['torch', 'device'],
  ['numpy.core.multiarray', '_reconstruct'],
  ['numpy', 'dtype'],
  ['numpy', 'ndarray'],
  ['argparse', 'Namespace'],
  ['builtins', 'set'],
  ['builtins', 'eval'],
  ['os', 'system'],
  ['torch.nn.modules.conv', 'Conv2d'],
);

const global: Program = names.map(([module, name]) => ops.global(module, name));

const dimensions = fc.array(edge, { maxLength: 5 });

const tensor: Program = fc
  .record({
    type: fc.constantFrom(
      'FloatStorage',
      'HalfStorage',
      'DoubleStorage',
      'BoolStorage',
      'BFloat16Storage',
      'NoStorage',
    ),
    key: fc.constantFrom('0', '1', '../0', 'x'),
    length: edge,
    offset: edge,
    shape: dimensions,
    strides: dimensions,
  })
  .map(tensorOf);

const plain: Program = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .map(([rows, columns]) => tensorOf({ length: 16, shape: [rows, columns], strides: [columns, 1] }));

/** Puts what is on top into the memory, or takes something out of it. */
const memory: Program = fc.tuple(fc.constantFrom(0x71, 0x68), fc.nat(3)).map(([code, at]) => Buffer.of(code, at));

const any: Program = fc.oneof(
  fc.nat(255).map(byte),
  fc.constantFrom(0x28, 0x30, 0x31, 0x32, 0x52, 0x62, 0x81, 0x51, 0x65, 0x75, 0x90, 0x93, 0x94).map(byte),
);

const { value } = fc.letrec<{ value: Buffer; leaf: Buffer; several: Buffer }>((tie) => ({
  leaf: fc.oneof(
    text,
    number,
    bytes,
    global,
    tensor,
    plain,
    fc.constantFrom(0x4e, 0x88, 0x89, 0x5d, 0x7d, 0x8f, 0x29).map(byte),
  ),
  several: fc.array(tie('value'), { maxLength: 5 }).map((parts) => joined(...parts)),
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    tie('leaf'),
    // Tuple, list, dict, set and frozenset of several.
    tie('several').map((parts) => joined(byte(0x28), parts, byte(0x74))),
    tie('several').map((parts) => joined(byte(0x5d), byte(0x28), parts, byte(0x65))),
    fc
      .array(fc.tuple(text, tie('value')), { maxLength: 4 })
      .map((pairs) => joined(byte(0x7d), byte(0x28), ...pairs.flat(), byte(0x75))),
    tie('several').map((parts) => joined(byte(0x8f), byte(0x28), parts, byte(0x90))),
    // A call, an object with its state, a persistent id.
    fc.tuple(global, tie('several')).map(([name, parts]) => joined(name, byte(0x28), parts, byte(0x74), byte(0x52))),
    fc.tuple(global, tie('value')).map(([name, state]) => joined(name, byte(0x29), byte(0x81), state, byte(0x62))),
    tie('value').map((id) => joined(id, byte(0x51))),
    // In memory, then again: among them lists and dicts that hold themselves.
    fc.tuple(tie('value'), memory, tie('value'), memory).map((parts) => joined(...parts)),
    fc
      .tuple(fc.nat(3), tie('value'))
      .map(([at, inner]) => joined(byte(0x5d), Buffer.of(0x71, at), inner, byte(0x61), Buffer.of(0x68, at))),
    fc.tuple(tie('value'), any).map((parts) => joined(...parts)),
  ),
}));

/** Little that asks for much: one operation again and again, and memories that double with every step. */
const much: Program = fc.oneof(
  fc
    .tuple(fc.constantFrom(0x28, 0x5d, 0x7d, 0x8f, 0x32, 0x94), fc.integer({ min: 1, max: 20_000 }))
    .map(([code, times]) => Buffer.alloc(times, code)),
  fc
    .integer({ min: 1, max: 60 })
    .map((times) =>
      joined(
        byte(0x5d),
        ...Array.from({ length: times }, (_, at) => joined(Buffer.of(0x71, at), Buffer.of(0x68, at), byte(0x86))),
      ),
    ),
);

const state: Program = fc
  .array(fc.tuple(text, fc.oneof(plain, tensor, value)), { maxLength: 6 })
  .map((pairs) => joined(byte(0x7d), byte(0x28), ...pairs.flat(), byte(0x75)));

const program: Program = fc
  .tuple(
    fc.oneof(
      state,
      value,
      much.map((start) => joined(start)),
      fc.tuple(much, value).map((parts) => joined(...parts)),
    ),
    fc.boolean(),
  )
  .map(([body, ends]) => (ends ? ops.program(body) : joined(Buffer.of(0x80, 2), body)));

const data = Buffer.alloc(64, 0x3f);

/** A checkpoint in a zip archive, or the bare pickle of before; now and then changed here and there. */
export const pickles: fc.Arbitrary<Uint8Array> = fc
  .tuple(program, fc.constantFrom('zip', 'zip', 'zip', 'bare', 'compressed'))
  .chain(([pickle, form]) => {
    const file =
      form === 'zip'
        ? pthFile(pickle, { 'x/data/0': data, 'x/data/1': Buffer.alloc(0) })
        : form === 'bare'
          ? pickle
          : storedZip({ 'x/data.pkl': pickle, 'x/data/0': data }, { method: 8 });
    return fc.oneof({ weight: 4, arbitrary: fc.constant<Uint8Array>(file) }, { weight: 1, arbitrary: mutated([file]) });
  });
