import fc from 'fast-check';

/** A change of bytes; places and lengths are shares of what is there, so that a change means something for every file. */
type Change =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: 'end'; readonly at: number };

const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Headers come first in most formats, so that half of the changes go there. */
const place = fc.oneof(
  share,
  share.map((at) => at * 0.05),
);

/** Numbers at the edge of what fits, in either byte order. */
const edges = fc
  .tuple(fc.constantFrom(0, 1, 0x7f, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0803, 0x0801), fc.boolean())
  .map(([word, little]) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, word, little);
    return bytes;
  });

const short = fc.oneof(edges, fc.uint8Array({ minLength: 1, maxLength: 12 }));

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('set' as const), at: place, bytes: short }),
  fc.record({ kind: fc.constant('cut' as const), at: place, length: share.map((length) => length * 0.3) }),
  fc.record({ kind: fc.constant('insert' as const), at: place, bytes: short }),
  fc.record({
    kind: fc.constant('repeat' as const),
    at: place,
    length: share.map((length) => length * 0.2),
    times: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({ kind: fc.constant('end' as const), at: share }),
);

/** The bytes of a file with some changes. */
export const mutated = (seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([seed, changes]) => changes.reduce(apply, seed));

function apply(bytes: Uint8Array, change: Change): Uint8Array {
  const at = Math.min(bytes.length, Math.floor(change.at * bytes.length));
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (change.kind) {
    case 'flip': {
      const copy = Uint8Array.from(bytes);
      if (at < copy.length) copy[at] = (copy[at] as number) ^ (1 << change.bit);
      return copy;
    }
    case 'set':
      return Buffer.concat([before, change.bytes, after.subarray(change.bytes.length)]);
    case 'cut':
      return Buffer.concat([before, after.subarray(Math.floor(change.length * bytes.length))]);
    case 'insert':
      return Buffer.concat([before, change.bytes, after]);
    case 'repeat': {
      const piece = after.subarray(0, Math.floor(change.length * bytes.length));
      return Buffer.concat([before, ...Array.from({ length: change.times }, () => piece), after]);
    }
    case 'end':
      return before;
  }
}

/** JSON that nobody expects, hostile keys among it. */
export const strange: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    2 ** 53,
    0.1,
    '',
    '..',
    '../../x',
    '/etc/passwd',
    'file:///etc/passwd',
    'http://localhost/x',
    [],
    {},
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ maxLength: 40 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc
    .constantFrom('__proto__', 'constructor', 'prototype', 'toString')
    .chain((key) =>
      fc
        .jsonValue({ maxDepth: 1 })
        .map((value) => JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`) as unknown),
    ),
);

/** A value of JSON with some places replaced, removed or doubled. */
export const mutatedJson = (seeds: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(10_000), fc.constantFrom('replace', 'remove', 'add'), strange), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([seed, edits]) => {
      let value = structuredClone(seed);
      for (const [at, kind, other] of edits) value = edit(value, at, kind, other);
      return value;
    });

function edit(value: unknown, at: number, kind: string, other: unknown): unknown {
  const places: [holder: Record<string, unknown>, key: string][] = [];
  const visit = (holder: Record<string, unknown>): void => {
    for (const key of Object.keys(holder)) {
      places.push([holder, key]);
      const inner = holder[key];
      if (typeof inner === 'object' && inner !== null) visit(inner as Record<string, unknown>);
    }
  };
  if (typeof value === 'object' && value !== null) visit(value as Record<string, unknown>);
  const found = places[at % Math.max(1, places.length)];
  if (!found) return other;
  const [holder, key] = found;
  if (kind === 'remove' && Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (kind === 'remove') delete holder[key];
  else if (kind === 'replace') holder[key] = other;
  else if (Array.isArray(holder)) holder.push(other);
  else holder[`${key}x`] = other;
  return value;
}
