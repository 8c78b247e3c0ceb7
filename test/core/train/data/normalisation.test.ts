import test from 'ava';
import { measureNormalisation, normalisationTable } from '../../../../core/train/data/normalisation.js';

test('measured means and deviations are those of each channel', (t) => {
  const { mean, deviation } = measureNormalisation(Uint8Array.of(0, 255, 255, 255, 0, 255, 255, 255), 2);
  t.deepEqual(mean, [0.5, 1]);
  t.deepEqual(deviation, [0.5, 1], 'a constant channel is left as it is');
});

test('a normalisation of another number of channels, or without spread, is refused', (t) => {
  t.throws(() => normalisationTable({ mean: [0, 0, 0], deviation: [1, 1, 1] }, 1), { message: /3 means.*expected 1/ });
  t.throws(() => normalisationTable({ mean: [0], deviation: [0] }, 1), { message: /deviation 0; expected/ });
  t.throws(() => normalisationTable({ mean: [Number.NaN], deviation: [1] }, 1));
});
