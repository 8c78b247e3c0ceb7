import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../../../io/files/index.js';
import { RUN_FILES } from '../../../run/folder/layout.js';
import { brokenFiles } from '../../../run/folder/manifest.js';

/** @throws FileError naming the first of these files that is not as the finished run left it. */
export function refuseChanged(run: string, names: readonly string[]): void {
  const [broken] = brokenFiles(run, names);
  if (broken) throw new FileError(broken.path, broken.why);
}

/**
 * Holds a finished run's events to what they were, as learning curves are drawn from them. Events that are gone draw none, and
 * those of a run that still goes on have no writeManifest yet.
 *
 * @throws FileError when they were changed.
 */
export function refuseChangedEvents(run: string): void {
  if (!existsSync(join(run, RUN_FILES.manifest)) || !existsSync(join(run, RUN_FILES.events))) return;
  const [broken] = brokenFiles(run, [RUN_FILES.events]);
  if (!broken) return;
  throw new FileError(
    broken.path,
    `${broken.why}; bring it back, or delete it for a report without its learning curves`,
  );
}
