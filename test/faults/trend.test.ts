import test from 'ava';
import { type Sample, theilSenSlope } from './trend.js';

const line = (slope: number, count: number): Sample[] =>
  Array.from({ length: count }, (_, index) => [100 * index, 250 + slope * 100 * index]);

test('the slope of a line is found, rising, falling and flat', (t) => {
  for (const slope of [0.25, -0.5, 0]) t.is(theilSenSlope(line(slope, 9)), slope);
});

test('samples that lie far off do not move it', (t) => {
  const samples = line(0.25, 40).map(([step, value], index): Sample => [step, index % 5 === 4 ? value + 500 : value]);
  t.true(Math.abs(theilSenSlope(samples) - 0.25) < 0.01);
});

test('a step that is taken once is no slope, at whichever end it is', (t) => {
  const stepped = (at: number): Sample[] => line(0, 40).map(([step], index) => [step, index < at ? 200 : 300]);
  t.is(theilSenSlope(stepped(4)), 0);
  t.is(theilSenSlope(stepped(36)), 0);
});

test('one sample has no slope', (t) => {
  t.throws(() => theilSenSlope([[1, 2]]), { message: /1 samples have no slope; expected at least two/ });
});
