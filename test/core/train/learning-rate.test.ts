import { readFileSync } from 'node:fs';
import test from 'ava';
import { learningRate, type ScheduleOptions } from '../../../core/train/learning-rate.js';

const { schedules } = JSON.parse(readFileSync('test/core/train/pytorch.json', 'utf8')) as {
  readonly schedules: Readonly<Record<string, readonly number[]>>;
};

const EPOCHS = 10;
const BASE = 0.5;

const CASES: readonly ScheduleOptions[] = [
  { name: 'cosine', final: 0.02, warmUpEpochs: 0 },
  { name: 'linear', final: 0.02, warmUpEpochs: 0 },
  { name: 'polynomial', power: 2, final: 0, warmUpEpochs: 0 },
  { name: 'exponential', factor: 0.9, warmUpEpochs: 0 },
  { name: 'step', everyEpochs: 3, factor: 0.2, warmUpEpochs: 0 },
  { name: 'multi-step', epochs: [4, 7], factor: 0.3, warmUpEpochs: 0 },
  { name: 'warm-restarts', epochs: 2, times: 2, final: 0.01, warmUpEpochs: 0 },
  { name: 'one-cycle', rise: 0.3, first: 0.05, final: 1 / 2000 },
];

for (const options of CASES) {
  test(`the schedule ${options.name} has PyTorch's rates at every step`, (t) => {
    const expected = schedules[options.name] ?? [];
    const at = learningRate(options, BASE, EPOCHS);
    t.is(expected.length, 4 * EPOCHS);
    for (const [step, rate] of expected.entries())
      t.true(
        Math.abs(at(step / expected.length) - rate) < 1e-9,
        `step ${step}: ${at(step / expected.length)}, ${rate}`,
      );
  });
}

test('every schedule but constant has a reference', (t) => {
  t.deepEqual(CASES.map(({ name }) => name).sort(), Object.keys(schedules).sort());
});

test('a rise goes from zero to the base over its epochs, and the schedule begins behind it', (t) => {
  const at = learningRate({ name: 'step', everyEpochs: 4, factor: 0.1, warmUpEpochs: 2 }, BASE, EPOCHS);
  t.is(at(0), 0);
  t.is(at(0.1), BASE / 2);
  t.is(at(0.2), BASE);
  t.is(at(0.59), BASE);
  t.true(Math.abs(at(0.61) - BASE / 10) < 1e-12);
  t.is(learningRate({ name: 'constant' }, BASE, EPOCHS)(0.7), BASE);
});
