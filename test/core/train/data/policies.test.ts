import { readFileSync } from 'node:fs';
import test from 'ava';
import * as operations from '../../../../core/train/data/image-operations.js';
import { applyPolicy } from '../../../../core/train/data/policies.js';
import { createRandomSource } from '../../../../core/train/random/index.js';

const reference = JSON.parse(readFileSync('test/core/train/data/policies.json', 'utf8')) as {
  readonly shape: readonly [number, number, number];
  readonly pixels: readonly number[];
  readonly cases: Readonly<Record<string, readonly number[]>>;
};
const { shape } = reference;

const byName = new Map<string, unknown>(Object.entries(operations));

/** An operation by the name of a case: `rotate 27`. */
function named(name: string): operations.ImageOperation {
  const [operation = '', argument] = name.split(' ');
  const made = byName.get(operation);
  return argument === undefined
    ? (made as operations.ImageOperation)
    : (made as (value: number) => operations.ImageOperation)(Number(argument));
}

/** Every pixel as a square of 4 by 4. */
function enlarged(): { readonly pixels: Uint8Array; readonly shape: readonly [number, number, number] } {
  const [height, width, channels] = shape;
  const large = [4 * height, 4 * width, channels] as const;
  const pixels = Uint8Array.from({ length: large[0] * large[1] * channels }, (_, at) => {
    const [y, x] = [Math.floor(at / (large[1] * channels)), Math.floor(at / channels) % large[1]];
    return reference.pixels[((y >> 2) * width + (x >> 2)) * channels + (at % channels)] as number;
  });
  return { pixels, shape: large };
}

for (const [name, expected] of Object.entries(reference.cases)) {
  test(`${name} is what torchvision makes with Pillow, byte for byte`, (t) => {
    const image = name === 'equalise' ? enlarged() : { pixels: Uint8Array.from(reference.pixels), shape };
    named(name)(image.pixels, image.shape);
    t.deepEqual([...image.pixels], [...expected]);
  });
}

test('every operation has a reference', (t) => {
  const covered = new Set(Object.keys(reference.cases).map((name) => name.split(' ')[0]));
  t.deepEqual(
    [...byName.keys()].filter((name) => !covered.has(name)),
    [],
  );
});

test('a policy depends on its stream alone, changes most images, and takes images of any number of channels', (t) => {
  for (const policy of [{ name: 'trivial-augment' }, { name: 'rand-augment', count: 2, magnitude: 9 }] as const) {
    let changed = 0;
    for (let index = 0; index < 200; index++) {
      const make = () => {
        const pixels = Uint8Array.from(reference.pixels);
        applyPolicy(policy, pixels, shape, createRandomSource(1).stream('policy', index));
        return [...pixels];
      };
      const found = make();
      t.deepEqual(make(), found);
      if (found.some((value, at) => value !== reference.pixels[at])) changed++;
      for (const channels of [1, 2, 5]) {
        const grey = Uint8Array.from({ length: 64 * channels }, (_, at) => (at * 37) % 256);
        t.notThrows(() => applyPolicy(policy, grey, [8, 8, channels], createRandomSource(2).stream('policy', index)));
      }
    }
    t.true(changed > 120, `${policy.name} changed ${changed} of 200`);
  }
});
