import { join } from 'node:path';
import { FileError, pathInside } from '../../../io/files/index.js';
import { RUN_FILES } from '../../../run/folder/layout.js';
import { hasDescription, readDescription } from '../description.js';
import { COMPARISON } from '../layout.js';
import { readRecords } from '../records.js';
import { readHistory } from './history.js';
import { isRunFolder, readRun } from './read-run.js';
import { createReport } from './report.js';
import { refuseChangedEvents } from './whole.js';
import type { Trust } from '../../../run/folder/trusted-plugins.js';
import type { ReportSource } from './page.js';

/** Reads a comparison's folder, or that of a finished run. @throws FileError when it is neither. */
export async function readReport(folder: string, trust: Trust = {}): Promise<ReportSource> {
  if (hasDescription(folder)) return readComparison(folder);
  if (isRunFolder(folder)) return readRun(folder, trust);
  throw new FileError(
    folder,
    `is neither the folder of a comparison nor that of a run: it has no ${COMPARISON.description} and no ${RUN_FILES.config}`,
  );
}

/**
 * Reads what a comparison has come to so far, whether it is over or not.
 *
 * @throws FileError when the folder is not a comparison's, or a finished trial's events were changed.
 */
export function readComparison(folder: string): ReportSource {
  const description = readDescription(folder);
  const sources = description.entrants.flatMap(({ name: entrant }) =>
    description.seeds.map((seed) => {
      const run = pathInside(folder, COMPARISON.runs, `${entrant}-${seed}`);
      refuseChangedEvents(run);
      return { entrant, seed, file: join(run, RUN_FILES.events) };
    }),
  );
  const history = readHistory(sources);
  return { report: createReport(description, readRecords(folder), history), history, description };
}
