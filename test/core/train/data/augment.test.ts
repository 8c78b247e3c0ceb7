import test from 'ava';
import fc from 'fast-check';
import { AS_IT_IS, drawPlacement, type Placement, writeImage } from '../../../../core/train/data/augment.js';
import type { ImageShape } from '../../../../core/train/data/image-operations.js';
import { normalisationTable } from '../../../../core/train/data/normalisation.js';
import { createRandomSource } from '../../../../core/train/random/index.js';

/** What an augmented image is, pixel by pixel, straight from the definition. */
function reference(source: Uint8Array, [h, w, c]: ImageShape, table: Float32Array, placement: Placement): number[] {
  const [top, bottom, left, right] = placement.blank;
  return Array.from({ length: h * w * c }, (_, at) => {
    const [y, x, channel] = [Math.floor(at / (w * c)), Math.floor(at / c) % w, at % c];
    if (y >= top && y < bottom && x >= left && x < right) return 0;
    const row = y + placement.top;
    const column = (placement.mirrored ? w - 1 - x : x) + placement.left;
    const inside = row >= 0 && row < h && column >= 0 && column < w;
    return table[channel * 256 + (inside ? (source[(row * w + column) * c + channel] as number) : 0)] as number;
  });
}

const anImage = fc
  .record({ h: fc.integer({ min: 1, max: 9 }), w: fc.integer({ min: 1, max: 9 }), c: fc.constantFrom(1, 2, 3, 4) })
  .chain(({ h, w, c }) =>
    fc.record({
      shape: fc.constant([h, w, c] as const),
      pixels: fc.uint8Array({ minLength: h * w * c, maxLength: h * w * c }),
      augmentation: fc.record({
        padCrop: fc.integer({ min: 0, max: 12 }),
        flip: fc.boolean(),
        cutout: fc.integer({ min: 0, max: 12 }),
        mixup: fc.constant(0),
        cutmix: fc.constant(0),
        policy: fc.constant(false as const),
      }),
      seed: fc.integer(),
    }),
  );

test('an augmented image is what its definition says, pixel by pixel, and nothing beside it is written', (t) => {
  fc.assert(
    fc.property(anImage, ({ shape, pixels, augmentation, seed }) => {
      const [h, w, c] = shape;
      const mean = Array.from({ length: c }, (_, channel) => 0.1 + 0.2 * channel);
      const table = normalisationTable({ mean, deviation: mean }, c);
      const placement = drawPlacement(createRandomSource(seed).stream('augment'), shape, augmentation);
      const target = new Float32Array(h * w * c + 4).fill(99);
      writeImage(Buffer.concat([Buffer.alloc(3), pixels]), 3, target, 2, shape, table, placement);
      t.deepEqual([...target], [99, 99, ...reference(pixels, shape, table, placement), 99, 99]);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('without augmentation an image is only normalised', (t) => {
  const table = normalisationTable({ mean: [0.5], deviation: [0.25] }, 1);
  const target = new Float32Array(4);
  writeImage(Uint8Array.of(0, 51, 204, 255), 0, target, 0, [2, 2, 1], table, AS_IT_IS);
  t.deepEqual([...target], [-2, -1.2, 1.2, 2].map(Math.fround));
});

test('offsets, mirroring and cutout take every value they may take, equally often', (t) => {
  const source = createRandomSource(3);
  const augmentation = { padCrop: 2, flip: true, cutout: 4, mixup: 0, cutmix: 0, policy: false as const };
  const drawn = Array.from({ length: 5000 }, (_, n) =>
    drawPlacement(source.stream('augment', n), [8, 8, 3], augmentation),
  );
  for (const key of ['top', 'left'] as const) {
    for (const offset of [-2, -1, 0, 1, 2]) {
      const share = drawn.filter((placement) => placement[key] === offset).length / drawn.length;
      t.true(Math.abs(share - 0.2) < 0.025, `${key} ${offset}: ${share}`);
    }
  }
  const mirrored = drawn.filter((placement) => placement.mirrored).length / drawn.length;
  t.true(Math.abs(mirrored - 0.5) < 0.03);
  t.deepEqual([...new Set(drawn.map(({ blank }) => blank[1] - blank[0]))].sort(), [2, 3, 4]);
});
