import test from 'ava';
import { createRandomSource } from '../../../core/train/random/index.js';
import { ImageSample } from '../../../plugins/strategies/image-sample.js';
import { tapDependence } from '../../../plugins/strategies/tap-dependence.js';

const [N, H, W] = [6, 20, 20];

const stream = createRandomSource(2).stream('pixels');
const noise = Float32Array.from({ length: N * H * W }, () => stream.normal());

/** Each pixel the mean of a window of the noise, so that neighbours have much in common: more along a row than down a column. */
function smooth(down: number, across: number): Float32Array {
  return noise.map((_, at) => {
    const [image, y, x] = [Math.floor(at / (H * W)), Math.floor(at / W) % H, at % W];
    let sum = 0;
    for (let dy = 0; dy < down; dy++)
      for (let dx = 0; dx < across; dx++) sum += noise[(image * H + ((y + dy) % H)) * W + ((x + dx) % W)] as number;
    return sum / (down * across);
  });
}

const dependence = (data: Float32Array, k = 5, size = 3): number[] => [
  ...tapDependence(new ImageSample(size).add({ shape: [N, H, W, 1], data }), k),
];

/** Normalised mutual information of each pixel and the one to its right, after the formulas of the paper, by plain loops. */
function toTheRight(data: Float32Array): number {
  const at = (image: number, y: number, x: number): number =>
    y < 0 || y >= H || x < 0 || x >= W ? 0 : (data[(image * H + y) * W + x] as number);
  const bins = 1 + Math.ceil(Math.log2(N * (H + 2) * (W + 2)));
  const [low, high] = [Math.min(0, ...data), Math.max(0, ...data)];
  const bin = (value: number): number => Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
  const pairs = new Map<string, number>();
  const [xs, ys] = [new Map<string, number>(), new Map<string, number>()];
  const count = (map: Map<string, number>, key: string | number): unknown =>
    map.set(`${key}`, (map.get(`${key}`) ?? 0) + 1);
  for (let image = 0; image < N; image++)
    for (let y = -1; y <= H; y++)
      for (let x = -1; x < W; x++) {
        const [a, b] = [bin(at(image, y, x)), bin(at(image, y, x + 1))];
        count(pairs, `${a},${b}`);
        count(xs, a);
        count(ys, b);
      }
  const entropy = (map: Map<string, number>): number => {
    const total = [...map.values()].reduce((sum, n) => sum + n, 0);
    return [...map.values()].reduce((sum, n) => sum - (n / total) * Math.log2(n / total), 0);
  };
  return (entropy(xs) + entropy(ys) - entropy(pairs)) / entropy(pairs);
}

test('is the contrast-adjusted normalised mutual information with the pixel in the middle', (t) => {
  for (const data of [noise, smooth(1, 3), smooth(3, 3)]) {
    const information = toTheRight(data);
    for (const k of [1, 5]) {
      const expected = (k * information) / ((k - 1) * information + 1);
      t.true(Math.abs((dependence(data, k)[5] as number) - expected) < 1e-9);
    }
  }
});

test('is 1 in the middle, the same for opposite taps, and largest along what images have in common', (t) => {
  const found = dependence(smooth(1, 4));
  t.is(found[4], 1);
  for (let tap = 0; tap < 4; tap++) t.is(found[tap], found[8 - tap]);
  t.true((found[5] as number) > 1.5 * (found[7] as number), `${found}`);
  t.true((found[5] as number) > 2 * (dependence(noise)[5] as number));
  t.is(dependence(smooth(2, 2), 5, 5).length, 25);
});

test('images without any change tell nothing apart', (t) => {
  t.deepEqual(dependence(new Float32Array(N * H * W)), Array<number>(9).fill(1));
});

/** The same with the diagonal removed: only pairs of two values that are not zero, in bins between their own extremes. */
function toTheRightOffDiagonal(data: Float32Array): number {
  const [a, b]: [number[], number[]] = [[], []];
  for (let at = 0; at < data.length; at++) {
    const [one, other] = [data[at] as number, data[at + 1] as number];
    if (at % W === W - 1 || one === 0 || other === 0) continue;
    a.push(one);
    b.push(other);
  }
  const bins = 1 + Math.ceil(Math.log2(a.length));
  const bin = (values: number[], value: number): number => {
    const low = Math.min(...values);
    return Math.min(bins - 1, Math.floor(((value - low) / (Math.max(...values) - low + 1e-12)) * bins));
  };
  const pairs = a.map((value, at) => [bin(a, value), bin(b, b[at] as number)] as const).filter(([x, y]) => x !== y);
  const entropy = (keys: readonly (string | number)[]): number =>
    [...new Set(keys)].reduce((sum: number, key) => {
      const share = keys.filter((other) => other === key).length / keys.length;
      return sum - share * Math.log2(share);
    }, 0);
  const together = entropy(pairs.map((pair) => pair.join()));
  return (entropy(pairs.map(([x]) => x)) + entropy(pairs.map(([, y]) => y)) - together) / together;
}

test('with the diagonal removed, zeros and pairs in one bin do not count', (t) => {
  const removed = (data: Float32Array, channels = 1): Float64Array =>
    tapDependence(
      new ImageSample(3).add({ shape: [data.length / (H * W * channels), H, W, channels], data }),
      5,
      'removed',
    );
  for (const data of [smooth(1, 3), smooth(1, 3).map((value) => Math.max(0, value))]) {
    const information = toTheRightOffDiagonal(data);
    const found = removed(data);
    t.true(Math.abs((found[5] as number) - (5 * information) / (4 * information + 1)) < 1e-9, `${found[5]}`);
    t.is(found[3], found[5]);
    t.is(found[4], 1);
  }
  const nothing = [0, 0, 0, 0, 1, 0, 0, 0, 0];
  t.deepEqual([...removed(new Float32Array(N * H * W))], nothing, 'a map of zeros');
  t.deepEqual([...removed(new Float32Array(N * H * W).fill(3))], nothing, 'all in one bin');
});
