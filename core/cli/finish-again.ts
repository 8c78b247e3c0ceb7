import { mkdirSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { RunEvent } from '../contracts/events.js';
import type { Chosen } from '../contracts/part.js';
import type { Exporter } from '../contracts/exporter.js';
import { writeChecked } from '../files/index.js';
import type { Finished } from '../run/finish.js';
import { MODEL } from '../run/layout.js';
import { checkInWords } from '../export/words.js';
import { reopenRun, type ReopenedRun } from '../run/reopen.js';
import { isSealed, seal } from '../run/seal.js';

/** Fuses and verifies a finished run once more, and exports it into a folder. Tells people of every step on stderr. */
export async function finishAgain(
  run: string,
  set: readonly string[],
  exporters: (reopened: ReopenedRun) => readonly Chosen<Exporter>[],
  out: (format: string) => string,
): Promise<Finished & { readonly engine: ReopenedRun['engine'] }> {
  const warn = (message: string): void => void process.stderr.write(`warning: ${message}\n`);
  const reopened = await reopenRun(run, { set, warn });
  try {
    const events = reopened.finish({
      exporters: exporters(reopened),
      write: async (format, files, check) => {
        const folder = out(format);
        mkdirSync(dirname(folder), { recursive: true });
        await writeChecked(folder, files, check);
        return relative(process.cwd(), folder) || '.';
      },
    });
    for (;;) {
      const { value, done } = await events.next();
      if (done) {
        if (isSealed(run)) seal(run, [MODEL]);
        return { ...value, engine: reopened.engine };
      }
      process.stderr.write(`${describe(value)}\n`);
    }
  } finally {
    await reopened.close();
  }
}

function describe(event: RunEvent): string {
  switch (event.type) {
    case 'certificate':
      return `fused equals trained on ${event.images} images: relative error ${event.relativeError.toExponential(1)}, allowed ${event.tolerance}`;
    case 'evaluation':
      return `${event.of}: accuracy ${(100 * event.accuracy).toFixed(2)} % of ${event.images} images, loss ${event.loss.toFixed(4)}`;
    case 'export':
      return `${event.format}: ${event.bytes} bytes in ${event.path}; ${checkInWords(event)}`;
    default:
      return event.type;
  }
}
