import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { placesOf, readHistory } from '../../../../core/app/compare/report/history.js';
import { temporaryFolder } from '../../../folders/temporary.js';

test('the highest rank has place 1, and equal ranks share the mean of their places', (t) => {
  t.deepEqual(placesOf([0.1, 0.9, 0.5]), [3, 1, 2]);
  t.deepEqual(placesOf([0, 0, 0, 0]), [2.5, 2.5, 2.5, 2.5]);
  t.deepEqual(placesOf([1, 2, 1, 0]), [2.5, 1, 2.5, 4]);
  t.deepEqual(placesOf([]), []);
});

test('curves and gates are read from events, torn lines and missing files left out', (t) => {
  const file = join(temporaryFolder(t), 'events.jsonl');
  const events = [
    { type: 'run-started', entrant: 'repnas' },
    { type: 'phase-started', stepsPerEpoch: 6 },
    { type: 'epoch-ended', epoch: 0, trainAccuracy: 0.25 },
    { type: 'gates', epoch: 0, ranks: [0.5, 1], sampled: [2, 6] },
    { type: 'evaluation', of: 'multi-branch', epoch: 0, accuracy: 0.5 },
    { type: 'evaluation', of: 'multi-branch', epoch: 0, accuracy: 0.5 },
    { type: 'evaluation', of: 'fused', epoch: 0, accuracy: 0.5 },
    { type: 'run-started', entrant: 'plain' },
    { type: 'epoch-ended', epoch: 0, trainAccuracy: 0.75 },
  ];
  writeFileSync(file, `${events.map((event) => JSON.stringify(event)).join('\n')}\n{"type":"epo`);
  const entrant = { entrant: 'ours', seed: 3, file, strategy: 'repnas' };
  const { curves, gates } = readHistory([entrant, { entrant: 'gone', seed: 3, file: `${file}.not` }]);
  t.deepEqual(curves, [
    { entrant: 'ours', seed: 3, epoch: 1, images: 'training', accuracy: 0.25 },
    { entrant: 'ours', seed: 3, epoch: 1, images: 'test', accuracy: 0.5 },
  ]);
  t.deepEqual(gates, [
    { entrant: 'ours', seed: 3, epoch: 1, gate: 0, place: 2, sampled: 2, steps: 6 },
    { entrant: 'ours', seed: 3, epoch: 1, gate: 1, place: 1, sampled: 6, steps: 6 },
  ]);
});
