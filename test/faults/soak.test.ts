import test from 'ava';
import { grown } from './soak.js';
import type { Sample } from './trend.js';

/** A report of 10,000 steps. */
const report = (residentMiB: (step: number) => number, tensors: (step: number) => number = () => 137) => {
  const sampled = (value: (step: number) => number): Sample[] =>
    Array.from({ length: 50 }, (_, index) => [200 * (index + 1), value(200 * (index + 1))]);
  return { device: 'CPU', tensors: sampled(tensors), residentMiB: sampled(residentMiB) };
};

test('memory that warms up, and then goes up and down with collections, is flat', (t) => {
  const warming = report((step) => 250 + 60 * Math.min(1, step / 2000) + (step % 3) * 20);
  t.deepEqual(grown(warming), []);
});

test('a leak of 2 KiB a step is told, though collections go up and down by more in between', (t) => {
  const leaking = report((step) => 250 + step / 512 + (step % 3) * 10);
  t.regex(grown(leaking).join(), /resident memory rose by 1\.\d+ MiB in 1,000 steps; expected at most 1\.00/);
});

test('tensors that come and do not go are told', (t) => {
  const [found] = grown(
    report(
      () => 250,
      (step) => 137 + Math.floor(step / 2500),
    ),
  );
  t.is(found, 'there were 137 to 141 tensors; expected one number after every step');
});
