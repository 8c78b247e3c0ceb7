import { resolve } from 'node:path';
import { loadConfig } from '../config/load.js';
import type { RunEvent } from '../contracts/events.js';
import { FileError, readBytes, readJson } from '../files/index.js';
import { readArchitecture } from '../formats/architecture.js';
import { decodeSafetensors } from '../formats/safetensors.js';
import { createRandomSource } from '../random/index.js';
import { type Contestant, createContestant } from './contestant.js';
import { startEngine } from './engine.js';
import { type Finished, finish } from './finish.js';
import { normalisationOf } from './images.js';
import { RUN_FILES } from './layout.js';
import type { RunParts } from './parts.js';

export interface ReopenOptions {
  /** Laid over the config the run was made with. */
  readonly set?: readonly string[];
  warn(message: string): void;
}

/** A finished run, its network trained and on an engine. */
export interface ReopenedRun {
  readonly contestant: Contestant;
  readonly parts: RunParts;
  readonly engine: { readonly name: string; readonly device: string };
  /** Fuse, verify, evaluate and export once more. */
  finish(plan: {
    readonly exporters: RunParts['exporters'];
    write(format: string, files: ReadonlyMap<string, Uint8Array>): Promise<string>;
  }): AsyncGenerator<RunEvent, Finished>;
  close(): Promise<void>;
}

/** Opens a run folder for `fuse`, `eval` and `export`. @throws FileError when the run is not finished, or a file is not whole. */
export async function reopenRun(path: string, { set = [], warn }: ReopenOptions): Promise<ReopenedRun> {
  const root = resolve(path);
  const saved = readJson(`${root}/${RUN_FILES.config}`) as { config?: object; plugins?: string[]; folder?: string };
  if (!saved.config) throw new FileError(`${root}/${RUN_FILES.config}`, 'holds no config; it is not of a run');
  const source = { ...saved.config, plugins: saved.plugins ?? [] };
  const { config, parts, folder } = await loadConfig(source, {
    set,
    resolved: true,
    ...(saved.folder && { cwd: saved.folder }),
  });
  const { blocks } = readArchitecture(`${root}/${RUN_FILES.architecture}`);
  const weights = readBytes(`${root}/${RUN_FILES.weights}`);
  const { tensors } = decodeSafetensors(weights, `${root}/${RUN_FILES.weights}`);
  const signal = new AbortController().signal;
  const dataset = await parts.dataset.definition.open(parts.dataset.options, { folder, warn, signal });
  const engine = await startEngine(parts.engines);
  const random = createRandomSource(config.seed);
  const contestant = createContestant({ config, parts, dataset, random, warn, strategy: parts.strategy });
  const { supernet } = contestant;
  supernet.freeze(blocks);
  supernet.initialise();
  for (const name of supernet.store.names()) {
    const tensor = tensors.get(name);
    if (!tensor) throw new FileError(`${root}/${RUN_FILES.weights}`, `holds no ${name}, which the architecture needs`);
    supernet.store.write(name, Float32Array.from(tensor.values as Float32Array));
  }
  return {
    contestant,
    parts,
    engine: { name: engine.name, device: engine.session.device },
    finish: ({ exporters, write }) =>
      finish({
        supernet,
        fuser: parts.fuser,
        exporters,
        metadata: { classes: dataset.classes, normalisation: normalisationOf(config.augment.normalise, dataset) },
        tolerance: config.fuse.tolerance,
        certificateImages: () => contestant.images.certificate(config.fuse.images),
        testImages: contestant.images.test,
        epoch: 0,
        step: 0,
        write,
      }),
    close: async () => {
      contestant.dispose();
      await dataset.close();
      await engine.session.stop();
    },
  };
}
