import test from 'ava';
import { detectable, type Estimate, estimate, paired } from '../../../../core/app/compare/statistics.js';

const near = (a: number | undefined, b: number): boolean => Math.abs((a ?? Number.NaN) - b) < 1e-7 * Math.abs(b);

test("the interval is Student's, with n - 1 degrees of freedom", (t) => {
  // Quantiles of t at 0.975: 12.706204736 (1), 4.302652730 (2), 2.776445105 (4).
  const found = estimate(new Map([0, 1, 2].map((seed) => [seed, 10 + seed] as const)));
  t.deepEqual({ ...found, margin: undefined }, { mean: 11, n: 3, bySeed: { 0: 10, 1: 11, 2: 12 }, margin: undefined });
  t.true(near(found?.margin, 4.302652729911275 / Math.sqrt(3)));
  t.true(near(estimate(new Map([1, 3].map((value, seed) => [seed, value])))?.margin, 12.706204736174698));
  const five = [2, 4, 4, 5, 10];
  t.true(
    near(estimate(new Map(five.map((value, seed) => [seed, value])))?.margin, 2.7764451051977987 * Math.sqrt(9 / 5)),
  );
});

test('one measurement has no interval, none has no estimate', (t) => {
  t.deepEqual(estimate(new Map([[4, 0.5]])), { mean: 0.5, n: 1, bySeed: { 4: 0.5 } });
  t.is(estimate(new Map()), undefined);
});

test('pairs are made by seed, and seeds without a partner are left out', (t) => {
  const a = new Map([
    [0, 5],
    [1, 7],
    [2, 9],
  ]);
  const b = new Map([
    [2, 4],
    [0, 3],
    [8, 1],
  ]);
  t.deepEqual(
    [...paired(a, b, (x, y) => x - y)],
    [
      [0, 2],
      [2, 5],
    ],
  );
});

test('the interval of paired differences is narrower than that of each where seeds move both alike', (t) => {
  const a = new Map([0, 1, 2].map((seed) => [seed, 10 * seed + 1 + seed / 10] as const));
  const b = new Map([0, 1, 2].map((seed) => [seed, 10 * seed] as const));
  const difference = estimate(paired(a, b, (x, y) => x - y));
  t.true(near(difference?.mean, 1.1));
  t.true((difference?.margin ?? 9) < (estimate(a)?.margin ?? 0) / 50);
});

test('the detectable difference is that of a paired t test: 1.66 std of the pairs for five of them', (t) => {
  const five = estimate(new Map([-2, -1, 0, 1, 2].map((value, seed) => [seed, value] as const)));
  // (t(0.975; 4) + t(0.8; 4)) / √5 = (2.7764 + 0.9410) / 2.2361 = 1.6625, times a std of 1.5811.
  t.true(Math.abs((detectable(five as Estimate) as number) - 1.6625 * Math.sqrt(2.5)) < 1e-3);
  t.is(detectable(estimate(new Map([[0, 1]])) as Estimate), undefined);
});
