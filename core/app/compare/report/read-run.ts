import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { FileError, readJson } from '../../../io/files/index.js';
import { BASELINE, RUN_FILES } from '../../../run/folder/layout.js';
import type { TrainingResult } from '../../../run/result.js';
import type { Trust } from '../../../run/folder/trusted-plugins.js';
import { loadSavedConfig } from '../../../run/folder/saved-config.js';
import { describeEntrant } from '../describe.js';
import { readHistory } from './history.js';
import { createReport, type DoneTrial } from './report.js';
import { refuseChanged, refuseChangedEvents } from './whole.js';
import type { ReportSource } from './page.js';

/** Whether the folder is that of a run, finished or not. */
export const isRunFolder = (folder: string): boolean => existsSync(join(folder, RUN_FILES.config));

/**
 * Reads a finished run as a comparison of one seed: what the config trains, and the baseline where there is one. Opens the data
 * set, for the gates that the network has on its images.
 *
 * @throws FileError when the run is not finished, or what the report is made of is not as the run left it.
 */
export async function readRun(folder: string, trust: Trust = {}): Promise<ReportSource> {
  const root = resolve(folder);
  if (!existsSync(join(root, RUN_FILES.result)))
    throw new FileError(root, `is a run that is not finished: it has no ${RUN_FILES.result}; go on with --resume`);
  refuseChanged(root, [RUN_FILES.config, RUN_FILES.result]);
  refuseChangedEvents(root);
  const beside = join(root, BASELINE);
  // A baseline still in training has neither; one that has a manifest ended, with a result.
  if ([RUN_FILES.result, RUN_FILES.manifest].some((name) => existsSync(join(beside, name))))
    refuseChanged(beside, [RUN_FILES.result]);
  const loaded = await loadSavedConfig(root, [], [], trust);
  const { parts, config } = loaded;
  const { seed } = config;
  const signal = new AbortController().signal;
  const opened = { folder: loaded.folder, warn: () => undefined, signal };
  const dataset = await parts.dataset.definition.open(parts.dataset.options, opened);
  try {
    const results = [root, beside].flatMap((place) => {
      const file = join(place, RUN_FILES.result);
      return existsSync(file) ? [readJson(file) as TrainingResult] : [];
    });
    const described = [parts.strategy, ...(parts.baseline ? [parts.baseline] : [])].map((strategy) =>
      describeEntrant(strategy.definition.name, { ...loaded, parts: { ...parts, strategy } }, dataset),
    );
    const description = {
      name: basename(root),
      seeds: [seed],
      against: parts.baseline ? [parts.baseline.definition.name] : [],
      entrants: described,
    };
    const trials = results.map(
      (result): DoneTrial => ({
        status: 'done',
        entrant: result.strategy,
        seed,
        attempts: 1,
        jobs: 1,
        result,
      }),
    );
    const file = join(root, RUN_FILES.events);
    const history = readHistory(described.map(({ name }) => ({ entrant: name, seed, file, strategy: name })));
    return { report: createReport(description, trials, history), history, description };
  } finally {
    await dataset.close();
  }
}
