import { resolve } from 'node:path';
import type { Subject } from 'rxjs';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import { messageOf } from '../config/container/describe.js';
import type { NumberedEvent } from '../contracts/events.js';
import { formatArchitecture } from '../io/formats/architecture.js';
import { createRandomSource } from '../train/random/index.js';
import { runCandidates, type Outcome } from './candidates.js';
import { createCandidate } from './candidate.js';
import { startEngine } from './engine.js';
import { EventNumbers } from './watch/events.js';
import { createRunFolder, type RunFolder } from './folder/folder.js';
import { RUN_FILES } from './folder/layout.js';
import type { RunOptions } from './options.js';
import { InterruptedError, prepare } from './errors.js';
import { RUN_OWN_FILES, writeManifest } from './folder/manifest.js';

/**
 * Runs a config to its last file, or to its architecture if it only searches. @throws InterruptedError after writing a
 * checkpoint.
 */
export async function execute(
  source: string | object | undefined,
  options: RunOptions,
  events: Subject<NumberedEvent>,
  finishes: boolean,
): Promise<{ readonly folder: string; readonly outcome: Outcome; readonly file: string }> {
  const loaded = await loadConfig(source, options);
  const signal = options.signal ?? new AbortController().signal;
  const numbers = new EventNumbers();
  const note = options.note ?? ((message: string) => void process.stderr.write(`${message}\n`));
  const warn = (message: string): void => numbers.warn(message);
  const { config, parts } = loaded;
  const { definition, options: datasetOptions } = parts.dataset;
  const context = { folder: loaded.folder, warn, signal };
  const dataset = await prepare(() => definition.open(datasetOptions, context));
  const closing: (() => Promise<void> | void)[] = [() => dataset.close()];
  try {
    const strategies = [parts.strategy, ...(parts.baseline ? [parts.baseline] : [])];
    // Before anything is written, check that everything fits together.
    const random = createRandomSource(config.seed);
    const trial = new EventNumbers();
    for (const strategy of strategies) {
      const plan = { config, parts, dataset, random, warn: (message: string) => trial.warn(message), strategy };
      (await prepare(() => createCandidate(plan))).dispose();
    }
    const engine = await startEngine(parts.engines);
    closing.push(() => engine.session.stop());
    const run = options.name ?? runName(loaded);
    const { force = false, resume = false } = options;
    const folder = createRunFolder(resolve(options.cwd ?? process.cwd(), config.out), run, { force, resume });
    closing.push(() => folder.release());
    const { device, versions } = engine.session;
    const facts = {
      run,
      engine: engine.name,
      device,
      versions: { node: process.versions.node, ...versions },
      seed: config.seed,
    };
    const interactive = options.interactive ?? process.stderr.isTTY === true;
    const common = {
      loaded,
      dataset,
      strategies,
      folder,
      facts,
      signal,
      events,
      numbers,
      resume,
      interactive,
      finishes,
    };
    const outcome = await runCandidates({ ...common, note });
    if (outcome.interrupted) throw new InterruptedError(folder.path);
    if (!finishes) writeArchitecture(folder, loaded, outcome);
    writeManifest(folder.path, finishes ? RUN_OWN_FILES : [RUN_FILES.architecture, ...RUN_OWN_FILES]);
    return { folder: folder.path, outcome, file: folder.file(RUN_FILES.architecture) };
  } finally {
    for (const close of closing.reverse()) {
      // A part that fails to close does not change the result.
      await attempt(close).catch((error: unknown) => note(`something did not close: ${messageOf(error)}`));
    }
  }
}

const attempt = async (close: () => Promise<void> | void): Promise<void> => close();

const runName = ({ config }: LoadedConfig): string =>
  `${config.strategy.name}-${config.backbone.name}-${config.dataset.name}-${config.seed}`;

function writeArchitecture(folder: RunFolder, { config }: LoadedConfig, { architecture = {} }: Outcome): void {
  folder.write(RUN_FILES.architecture, formatArchitecture({ backbone: config.backbone.name, blocks: architecture }));
}
