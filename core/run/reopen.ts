/** Opens a finished run again, for `repnas eval`, `fuse`, `export` and for comparisons. */
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { from, lastValueFrom, type Subject, tap } from 'rxjs';
import type { EngineSession } from '../contracts/engine.js';
import type { NumberedEvent, RunEvent } from '../contracts/events.js';
import type { Plugin } from '../contracts/plugin.js';
import { FileError, makeFolder, pathInside, readBytes, writeChecked } from '../io/files/index.js';
import { architectureFor, readArchitecture } from '../io/formats/architecture.js';
import { decodeSafetensors } from '../io/formats/safetensors.js';
import { createRandomSource } from '../train/random/index.js';
import { type Candidate, createCandidate } from './candidate.js';
import { startEngine } from './engine.js';
import { type Finished, finish, type WriteExport } from './finish.js';
import { normalisationOf } from './images.js';
import { InterruptedError, prepare } from './errors.js';
import { BASELINE, MODEL, RUN_FILES } from './folder/layout.js';
import type { RunParts } from '../config/run-parts.js';
import { loadSavedConfig } from './folder/saved-config.js';
import { brokenFiles, hasManifest, writeManifest } from './folder/manifest.js';
import type { FinishedRun, FinishOptions } from './result.js';
import { EventNumbers } from './watch/events.js';

export interface ReopenOptions {
  /** Applied over the config of the run. */
  readonly set?: readonly string[];
  /** Plugins that the config listed as objects, if it was no file. @default [] */
  readonly plugins?: readonly Plugin[] | undefined;
  /** Run the plugins that the run folder names. @default false: only those that your own config lists */
  readonly trustPlugins?: boolean | undefined;
  /** Where your own config is looked for. @default process.cwd() */
  readonly cwd?: string | undefined;
  warn(message: string): void;
  /** Stops after the current batch of images. */
  readonly signal?: AbortSignal | undefined;
  /** Called when everything is open except the network. */
  ready?(): void;
}

/** A finished run, with its trained network on an engine. */
export interface ReopenedRun {
  readonly candidate: Candidate;
  readonly parts: RunParts;
  readonly engine: { readonly name: string; readonly device: string };
  readonly session: EngineSession;
  /** Fuses, verifies, evaluates and exports again. */
  finish(plan: {
    readonly exporters: RunParts['exporters'];
    readonly write: WriteExport;
  }): AsyncGenerator<RunEvent, Finished>;
  close(): Promise<void>;
}

/** Opens a run folder for `fuse`, `eval` and `export`. @throws FileError if the run is not finished, or a file is not whole. */
export async function reopenRun(
  path: string,
  { set = [], plugins, trustPlugins, cwd, warn, ready, signal = new AbortController().signal }: ReopenOptions,
): Promise<ReopenedRun> {
  const root = resolve(path);
  checkSeals(root, warn);
  const { config, parts, folder } = await loadSavedConfig(root, set, plugins, { trustPlugins, cwd, warn });
  const architecture = readArchitecture(pathInside(root, RUN_FILES.architecture));
  const weightsPath = pathInside(root, RUN_FILES.weights);
  const dataset = await prepare(() => parts.dataset.definition.open(parts.dataset.options, { folder, warn, signal }));
  const engine = await startEngine(parts.engines);
  ready?.();
  const { tensors } = decodeSafetensors(readBytes(weightsPath), weightsPath);
  const random = createRandomSource(config.seed);
  const candidate = createCandidate({ config, parts, dataset, random, warn, strategy: parts.strategy });
  const { supernet } = candidate;
  const target = { backbone: config.backbone.name, blocks: supernet.blocks.architecture() };
  supernet.blocks.freeze(architectureFor(target, architecture, pathInside(root, RUN_FILES.architecture)));
  supernet.initialise();
  for (const name of supernet.store.names()) {
    const tensor = tensors.get(name);
    if (!tensor) throw new FileError(weightsPath, `holds no ${name}, which the architecture needs`);
    const { values, shape, dtype } = tensor;
    const expected = supernet.store.get(name).shape;
    if (!(values instanceof Float32Array) || shape.join() !== expected.join())
      throw new FileError(weightsPath, `holds ${name} as ${dtype} [${shape}]; expected F32 [${expected}]`);
    supernet.store.write(name, values);
  }
  const stoppable = async function* <T>(images: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const batch of images) {
      if (signal.aborted) throw new InterruptedError(root, 'nothing is written half; do it again');
      yield batch;
    }
  };
  return {
    candidate,
    parts,
    engine: { name: engine.name, device: engine.session.device },
    session: engine.session,
    finish: ({ exporters, write }) =>
      finish({
        supernet,
        fuser: parts.fuser,
        exporters,
        metadata: { classes: dataset.classes, normalisation: normalisationOf(config.augment.normalise, dataset) },
        tolerance: config.fuse.tolerance,
        certificateImages: () => stoppable(candidate.images.certificate(config.fuse.images)),
        testImages: () => stoppable(candidate.images.test()),
        calibrationImages: () => stoppable(candidate.images.calibration()),
        epoch: 0,
        step: 0,
        write,
      }),
    close: async () => {
      candidate.dispose();
      await dataset.close();
      await engine.session.stop();
    },
  };
}

/** Throws if a file that the network is made from has changed; warns about the others. */
function checkSeals(root: string, warn: (message: string) => void): void {
  const needed: readonly string[] = [RUN_FILES.config, RUN_FILES.architecture, RUN_FILES.weights];
  const beside = pathInside(root, BASELINE);
  const broken = [...brokenFiles(root), ...(existsSync(beside) ? brokenFiles(beside) : [])];
  for (const { path, why } of broken) {
    if (needed.some((name) => path === pathInside(root, name))) throw new FileError(path, why);
    warn(`${path}: ${why}`);
  }
}

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
