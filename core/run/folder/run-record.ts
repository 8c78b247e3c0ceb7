import { z } from 'zod';
import { FileError } from '../../io/files/index.js';
import type { RunFolder } from './folder.js';
import { RUN_FILES } from './layout.js';
import type { ResumePoint } from './resume.js';
import { relative } from 'node:path';
import type { RunFacts } from '../candidate-events.js';

const time = z.string().max(40);

/** What `run.json` holds besides the facts: when the run began, and each time that it resumed. */
const schema = z.object({
  started: time,
  resumed: z
    .array(
      z.strictObject({
        at: time,
        checkpoint: z.string().nullable(),
        leftOut: z.array(z.strictObject({ path: z.string(), why: z.string() })),
      }),
    )
    .default([]),
});

/**
 * Writes the facts of a run, with its history where it is resumed.
 *
 * @param resumed where it goes on from; undefined if it begins
 * @returns what people should know: a history that could not be read is begun anew, since nothing depends on it
 */
export function writeRunRecord(folder: RunFolder, facts: RunFacts, resumed?: ResumePoint): string[] {
  const at = new Date().toISOString();
  const notes: string[] = [];
  let { started, resumed: history } = { started: at, resumed: [] } as z.output<typeof schema>;
  if (resumed) {
    try {
      ({ started, resumed: history } = schema.parse(folder.readJson(RUN_FILES.run)));
    } catch (error) {
      const why = error instanceof FileError ? error.message : `${folder.file(RUN_FILES.run)}: is no record of a run`;
      notes.push(`${why}; the history of the run is lost, nothing else`);
    }
    const { from, leftOut } = resumed;
    const checkpoint = from ? relative(folder.path, from.checkpoint.path) : null;
    const named = leftOut.map(({ path, why }) => ({ path: relative(folder.path, path), why }));
    history.push({ at, checkpoint, leftOut: named });
  }
  folder.writeJson(RUN_FILES.run, { ...facts, started, ...(resumed && { resumed: history }) });
  return notes;
}
