import { join } from 'node:path';
import { RUN_FILES } from '../../run/layout.js';
import { readDescription } from '../description.js';
import { COMPARISON } from '../layout.js';
import { readRecords } from '../records.js';
import { readHistory } from './history.js';
import { createReport } from './report.js';
import type { ReportSource } from './write.js';

/** Reads what a comparison has come to so far, whether it is over or not. @throws FileError when the folder is not a comparison's. */
export function readComparison(folder: string): ReportSource {
  const description = readDescription(folder);
  const sources = description.entrants.flatMap(({ name: entrant }) =>
    description.seeds.map((seed) => ({
      entrant,
      seed,
      file: join(folder, COMPARISON.runs, `${entrant}-${seed}`, RUN_FILES.events),
    })),
  );
  return { report: createReport(description, readRecords(folder)), history: readHistory(sources), description };
}
