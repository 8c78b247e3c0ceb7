import test from 'ava';
import { beta, createRandomSource } from '../../../../core/train/random/index.js';

for (const [a, b] of [
  [0.01, 0.01],
  [0.2, 0.2],
  [1, 1],
  [2, 5],
] as const) {
  test(`Beta(${a}, ${b}) has its mean and variance`, (t) => {
    const stream = createRandomSource(11).stream('beta');
    const draws = Array.from({ length: 50_000 }, () => beta(stream, a, b));
    t.true(draws.every((x) => x >= 0 && x <= 1));
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
    t.true(Math.abs(mean - a / (a + b)) < 0.008, `mean ${mean}`);
    t.true(Math.abs(variance - (a * b) / ((a + b) ** 2 * (a + b + 1))) < 0.004, `variance ${variance}`);
  });
}

test('Beta(1/2, 1/2) is the arcsine distribution', (t) => {
  const stream = createRandomSource(12).stream('beta');
  const counts = Array<number>(20).fill(0);
  for (let n = 0; n < 40_000; n++) {
    const bin = Math.floor((40 / Math.PI) * Math.asin(Math.sqrt(beta(stream, 0.5, 0.5))));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
  t.true(chiSquare < 43.8, `chi-square ${chiSquare} of 19 degrees of freedom`);
});

test('a shape that is not positive is refused', (t) => {
  t.throws(() => beta(createRandomSource(1).stream('x'), 0, 1), { message: /shape 0 .*expected a positive shape/ });
});
