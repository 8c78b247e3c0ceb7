// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { API_VERSION, defineObserver, definePlugin } from 'repnas';
import { z } from 'zod';

/** Writes the accuracy after each evaluation to a file of the run folder. */
export const observer = defineObserver({
  name: 'starting-point',
  summary: 'the accuracy after each evaluation, as JSON in the run folder',
  options: z.strictObject({
    file: z.string().min(1).default('accuracies.json').describe('name of the file'),
  }),

  start: async ({ folder, firstSequence }, { file }) => {
    const path = join(folder, file);
    // A run that is resumed sends again what came after its checkpoint: that is dropped here.
    const known = await readFile(path, 'utf8').then(JSON.parse, () => []);
    const found = known.filter((/** @type {{ sequence: number }} */ { sequence }) => sequence < firstSequence);
    return {
      next: (event) => {
        if (event.type !== 'evaluation') return;
        const { sequence, step, of, accuracy } = event;
        found.push({ sequence, step, of, accuracy });
      },
      complete: () => writeFile(path, `${JSON.stringify(found, null, 2)}\n`),
    };
  },
});

export default definePlugin({
  name: 'repnas-plugin-starting-point',
  apiVersion: API_VERSION,
  setup: (host) => host.add('observer', observer),
});
