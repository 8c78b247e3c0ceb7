import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHistory } from '../../../core/app/compare/report/history.js';
import { readComparison } from '../../../core/app/compare/report/read.js';
import { epochEnded, evaluation, phase, started, step } from '../../events/examples.js';
import { description, done, failed } from '../../core/app/compare/records.js';
import { linesSubject, type Subject } from './file-subject.js';

/** What reports are made from. */
export function reportSubjects(folder: string): Record<string, Subject<Uint8Array>> {
  const comparison = join(folder, 'comparison');
  mkdirSync(comparison, { recursive: true });
  const described = { format: 'repnas-comparison', version: 1, ...description(['repnas', 'plain', 'random'], [0, 1]) };
  writeFileSync(join(comparison, 'comparison.json'), JSON.stringify(described));
  const records = ['repnas', 'plain', 'random'].flatMap((entrant) => [done(entrant, 0, 0.9), done(entrant, 1, 0.8)]);
  const gates = { type: 'gates', epoch: 0, step: 10, phase: 'search', ranks: [0.5, 1], sampled: [2, 6], mask: [1, 0] };
  const events = [started, phase, step(1), step(2), epochEnded, gates, evaluation];
  const file = join(folder, 'history.jsonl');
  return {
    'trials of a comparison (JSONL)': linesSubject(
      join(comparison, 'trials.jsonl'),
      [...records, failed('random', 1, 'it broke')],
      async () => void readComparison(comparison),
    ),
    'events, for a report (JSONL)': linesSubject(file, events, async () => {
      const { curves, gates: places } = readHistory([{ entrant: 'repnas', seed: 1, file }]);
      if (![...curves.map(({ accuracy }) => accuracy), ...places.map(({ place }) => place)].every(Number.isFinite))
        throw new Error('a curve has a point that is no number');
    }),
  };
}
