import test from 'ava';
import { epochsInTime, scaled } from '../../../../core/app/compare/equal-time.js';
import type { Entrant } from '../../../../core/app/compare/load.js';
import type { TrialRecord } from '../../../../core/app/compare/trial.js';

const took = (entrant: string, seed: number, trainingSeconds: number): TrialRecord =>
  ({ status: 'done', entrant, seed, measured: { trainingSeconds } }) as unknown as TrialRecord;

const entrants = [
  { name: 'plain', loaded: { config: { train: { epochs: { warmUp: 1, search: 2, frozen: 5 } } } } },
] as unknown as Entrant[];

const one = { base: 'plain', to: 'shrink' };

test('epochs keep their proportions, are whole, and at least one', (t) => {
  t.deepEqual(scaled({ warmUp: 1, search: 2, frozen: 5 }, 2), { warmUp: 2, search: 4, frozen: 10 });
  t.deepEqual(scaled({ warmUp: 0, search: 0, frozen: 3 }, 1.5), { warmUp: 0, search: 0, frozen: 5 });
  t.deepEqual(scaled({ warmUp: 1, search: 2, frozen: 5 }, 0.01), { warmUp: 0, search: 0, frozen: 1 });
});

test('an entrant trains for as many epochs as its seeds say on median, failed ones left out', (t) => {
  const records = [
    took('plain', 0, 10),
    took('shrink', 0, 20),
    took('plain', 1, 10),
    took('shrink', 1, 30),
    took('plain', 2, 10),
    took('shrink', 2, 90),
    { status: 'failed', entrant: 'plain', seed: 3 } as unknown as TrialRecord,
    took('shrink', 3, 1),
  ];
  t.deepEqual(epochsInTime(one, { entrants, records, before: [] }), { warmUp: 3, search: 6, frozen: 15 });
  t.is(epochsInTime(one, { entrants, records: records.slice(0, 1), before: [] }), undefined);
});

test('a comparison that is gone on with keeps the epochs that it began with', (t) => {
  const epochs = { warmUp: 0, search: 0, frozen: 7 };
  const before = [{ name: 'plain-in-time-of-shrink', config: { train: { epochs } } }] as never;
  const records = [took('plain', 0, 10), took('shrink', 0, 20)];
  t.deepEqual(epochsInTime(one, { entrants, records, before }), epochs);
});
