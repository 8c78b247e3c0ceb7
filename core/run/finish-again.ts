import { join, relative, resolve } from 'node:path';
import { from, lastValueFrom, type Subject, tap } from 'rxjs';
import type { NumberedEvent, RunEvent } from '../contracts/events.js';
import { makeFolder, writeChecked } from '../io/files/index.js';
import { EventNumbers } from './watch/events.js';
import type { Finished } from './finish.js';
import { MODEL } from './folder/layout.js';
import type { FinishedRun, FinishOptions } from './finished-run.js';
import { reopenRun } from './reopen.js';
import { hasManifest, writeManifest } from './folder/manifest.js';

/**
 * Fuses, verifies, evaluates and exports a finished run again. @throws CertificateError, FileError, ConfigError,
 * InterruptedError
 */
export async function finishAgain(
  run: string,
  { cwd = process.cwd(), set = [], plugins, trustPlugins, formats, out, signal }: FinishOptions,
  events: Subject<NumberedEvent>,
): Promise<FinishedRun> {
  const root = resolve(cwd, run);
  const chosen = formats === undefined ? set : [...set, `export=${JSON.stringify(formats)}`];
  const numbers = new EventNumbers();
  const reopened = await reopenRun(root, {
    set: chosen,
    plugins,
    trustPlugins,
    cwd,
    warn: (message) => numbers.warn(message),
    signal,
  });
  try {
    let finished: Finished | undefined;
    const { parts, engine } = reopened;
    const steps = async function* (): AsyncGenerator<RunEvent> {
      finished = yield* reopened.finish({
        exporters: parts.exporters,
        write: async (format, files, check) => {
          const exports = out === undefined ? join(root, MODEL) : resolve(cwd, out);
          makeFolder(exports);
          const folder = join(exports, format);
          await writeChecked(folder, files, check);
          return relative(cwd, folder) || '.';
        },
      });
    };
    await lastValueFrom(numbers.number(from(steps())).pipe(tap((event) => events.next(event))), {
      defaultValue: undefined,
    });
    if (hasManifest(root)) writeManifest(root, [MODEL]);
    const { certificate, accuracy, argmaxAgreement, testImages, exports } = finished as unknown as Finished;
    return { certificate, accuracy, argmaxAgreement, testImages, exports, engine: engine.name, device: engine.device };
  } finally {
    await reopened.close();
  }
}
