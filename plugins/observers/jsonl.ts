import { z } from 'zod';
import { defineObserver } from '../../core/contracts/index.js';
import { pathInside } from '../../core/io/files/index.js';
import { RUN_FILES } from '../../core/run/folder/layout.js';
import { openEventLines } from './event-lines.js';

/** Every event as one line of JSON. A resumed run goes on where its checkpoint was taken, without gap or double. */
export const jsonl = defineObserver({
  name: 'jsonl',
  summary: `Every event as a line of JSON in ${RUN_FILES.events}`,
  options: z.strictObject({}),
  start: ({ folder, firstSequence, warn }) => {
    const path = pathInside(folder, RUN_FILES.events);
    const { lines, last = -1 } = openEventLines({ path, firstSequence, sequenceOf });
    if (last + 1 < firstSequence) warn(`${path}: events ${last + 1} to ${firstSequence - 1} are lost`);
    return {
      next: (event) => lines.append(JSON.stringify(event)),
      complete: () => lines.close(),
    };
  },
});

function sequenceOf(line: string): number | undefined {
  try {
    const { sequence } = JSON.parse(line) as { sequence?: unknown };
    return typeof sequence === 'number' && Number.isSafeInteger(sequence) ? sequence : undefined;
  } catch {
    return undefined;
  }
}
