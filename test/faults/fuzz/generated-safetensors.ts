import fc from 'fast-check';
import { mutated, strange } from './mutate.js';

// Safetensors files by their layout: headers whose entries overlap, leave gaps, repeat names or count beyond the data.

const edge = fc.oneof(
  fc.integer({ min: 0, max: 64 }),
  fc.constantFrom(-1, 0.5, 2 ** 31, 2 ** 53, 1e308, 4_294_967_296),
);

const dtype = fc.constantFrom(
  'F32',
  'F64',
  'F16',
  'BF16',
  'I64',
  'I32',
  'U8',
  'BOOL',
  'F8_E4M3',
  'F8_E5M2',
  'C64',
  'f32',
  '',
);

const odd = fc.record({
  dtype,
  shape: fc.array(edge, { maxLength: 5 }),
  data_offsets: fc.oneof(fc.tuple(edge, edge), fc.array(edge, { maxLength: 3 })),
});

const name = fc.oneof(
  fc.constantFrom('a', 'stage1.0.weight', '__metadata__', '__proto__', 'constructor', '', '\u001b]0;x\u0007', '../a'),
  fc.string({ maxLength: 8 }),
);

/** Names, and what their entries are written as: names may come twice, which no object could say. */
type Entries = readonly (readonly [name: string, value: unknown])[];

const laidOut: fc.Arbitrary<Entries> = fc
  .array(fc.tuple(name, fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), { maxLength: 6 })
  .map((tensors) => {
    let end = 0;
    return tensors.map(([of, rows, columns]) => {
      const begin = end;
      end += 4 * rows * columns;
      return [of, { dtype: 'F32', shape: [rows, columns], data_offsets: [begin, end] }] as const;
    });
  });

const entries: fc.Arbitrary<Entries> = fc.oneof(
  { weight: 3, arbitrary: laidOut },
  { weight: 1, arbitrary: fc.array(fc.tuple(name, fc.oneof(odd, strange)), { maxLength: 6 }) },
  {
    weight: 2,
    arbitrary: fc.tuple(laidOut, fc.tuple(name, fc.oneof(odd, strange))).map(([right, wrong]) => [...right, wrong]),
  },
);

const written = (all: Entries): string =>
  `{${all.map(([of, value]) => `${JSON.stringify(of)}:${JSON.stringify(value) ?? 'null'}`).join(',')}}`;

const file = (json: string, lie: number, size: number): Uint8Array => {
  const header = Buffer.from(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Math.max(0, header.length + lie)));
  return Buffer.concat([length, header, Buffer.alloc(size, 0x3f)]);
};

/** Bytes of the data, or as many as the last entry ends at. */
const sizeOf = (all: Entries): number =>
  Math.max(
    0,
    ...all.map(([, value]) => {
      const end = (value as { data_offsets?: readonly unknown[] } | null)?.data_offsets?.[1];
      return typeof end === 'number' && end >= 0 && end < 4096 ? Math.floor(end) : 0;
    }),
  );

export const safetensorsFiles: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    entries,
    fc.constantFrom(0, 0, 0, 0, 0, 0, 1, -1, 1_000_000),
    fc.constantFrom(0, 0, 0, 0, 0, 1, -4, 100),
    fc.nat(9),
  )
  .chain(([all, lie, more, depth]) => {
    const nested =
      depth === 9 ? written(all).replace('{', `{"deep":${'['.repeat(2000)}${']'.repeat(2000)},`) : written(all);
    const made = file(nested.replace(',}', '}'), lie, Math.max(0, sizeOf(all) + more));
    return fc.oneof({ weight: 4, arbitrary: fc.constant(made) }, { weight: 1, arbitrary: mutated([made]) });
  });
