/**
 * The finish of a training: fuse, verify, evaluate, export; then the files of the finished candidate. A network that does not compute
 * the same when fused is never exported.
 */
import { relative } from 'node:path';
import type { LoadedConfig } from '../config/load.js';
import type { OpenDataset } from '../contracts/dataset.js';
import type { RunEvent } from '../contracts/events.js';
import type { Exporter, ExportSources, FusedMetadata, FusedNetwork, OpenModel } from '../contracts/exporter.js';
import type { FileContent } from '../contracts/file.js';
import type { Fuser } from '../contracts/fuser.js';
import type { Chosen } from '../contracts/part.js';
import type { Architecture } from '../contracts/search-space.js';
import { checkExport } from '../io/export/check.js';
import type { ExportChecked } from '../contracts/exporter.js';
import { valueRanges } from '../io/export/ranges.js';
import { contentLength } from '../io/files/index.js';
import { formatArchitecture } from '../io/formats/architecture.js';
import { encodeSafetensors } from '../io/formats/safetensors.js';
import { type Certificate, certify, refusal } from '../reparam/certificate/certificate.js';
import { fusedCost, inputSizes, trainingCost } from '../reparam/network/cost.js';
import { FusedModel, fuseNetwork, trainedNetwork } from '../reparam/network/fuse.js';
import type { Supernet } from '../reparam/network/supernet.js';
import { accuracyOf, agreement, type Evaluation, evaluate } from '../train/evaluate.js';
import type { TrainingBatch } from '../train/step.js';
import type { Candidate } from './candidate.js';
import { CertificateError } from './errors.js';
import type { RunFolder } from './folder/folder.js';
import { RUN_FILES } from './folder/layout.js';
import { CANDIDATE_FILES, writeManifest } from './folder/manifest.js';
import { normalisationOf } from './images.js';
import type { RunFacts, TrainingResult } from './result.js';

export interface FinishPlan {
  readonly supernet: Supernet;
  readonly fuser: Chosen<Fuser>;
  readonly exporters: readonly Chosen<Exporter>[];
  readonly metadata: Omit<FusedMetadata, 'certificate' | 'architecture'>;
  /** Largest relative error between fused and unfused outputs. */
  readonly tolerance: number;
  /** Images for the certificate. */
  certificateImages(): AsyncIterable<TrainingBatch>;
  testImages(): AsyncIterable<TrainingBatch>;
  readonly epoch: number;
  readonly step: number;
  /** Images that rounding formats are calibrated on. */
  calibrationImages(): AsyncIterable<TrainingBatch>;
  /**
   * Writes an export's files, all or none, after the check of the folder they were built in has passed; returns the
   * path relative to the run folder.
   */
  write: WriteExport;
}

export type WriteExport = (
  format: string,
  files: ReadonlyMap<string, FileContent>,
  check: (folder: string) => Promise<void>,
) => Promise<string>;

export interface Finished {
  readonly fused: FusedNetwork;
  readonly certificate: Certificate;
  readonly accuracy: { readonly multiBranch: number; readonly fused: number };
  readonly testImages: number;
  readonly argmaxAgreement: number;
  readonly exports: Record<string, string>;
  /** Result of the check with a program that reads the format, by format; or why there was none. */
  readonly exportChecks: Record<string, ExportChecked>;
}

/**
 * Fuses, verifies, evaluates and exports a trained network. Every step is an event.
 * @throws CertificateError if the fused network differs from the trained one by more than the tolerance; nothing is exported then.
 */
export async function* finish(plan: FinishPlan): AsyncGenerator<RunEvent, Finished> {
  const { supernet, fuser, tolerance, epoch, step } = plan;
  const architecture = supernet.blocks.architecture();
  const metadata = { ...plan.metadata, architecture, certificate: {} };
  const draft = fuseNetwork(supernet, fuser, metadata);
  const model = new FusedModel(draft);
  const evaluation = (of: 'multi-branch' | 'fused', { images, accuracy, loss }: Evaluation): RunEvent => ({
    type: 'evaluation',
    of,
    epoch,
    step,
    images,
    accuracy,
    loss,
  });
  try {
    const certificate = await certify(supernet, model, plan.certificateImages(), tolerance);
    const { blocks: _, format: __, version: ___, passed: ____, ...figures } = certificate;
    yield { type: 'certificate', ...figures };
    const why = refusal(certificate);
    if (why) throw new CertificateError(why, certificate);
    const trained = await evaluate((images) => supernet.infer(images), supernet.graph.input, plan.testImages());
    yield evaluation('multi-branch', trained);
    const fused = await evaluate((images) => model.infer(images), supernet.graph.input, plan.testImages());
    yield evaluation('fused', fused);
    const network = { ...draft, metadata: { ...metadata, certificate: { ...certificate } } };
    const sources: ExportSources = {
      ranges: () => valueRanges(model, plan.calibrationImages()),
      trained: () => trainedNetwork(supernet),
    };
    const accuracy = {
      fused: fused.accuracy,
      of: (infer: OpenModel['infer']) => accuracyOf(infer, supernet.graph.input, plan.testImages()),
    };
    const exports: Record<string, string> = {};
    const exportChecks: Record<string, ExportChecked> = {};
    for (const exporter of plan.exporters) {
      const { name } = exporter.definition;
      const files = await exporter.definition.export(network, exporter.options, sources);
      let checked: ExportChecked = { unchecked: 'not written' };
      const path = await plan.write(name, files, async (folder) => {
        checked = await checkExport({ exporter, folder, model, images: plan.certificateImages, accuracy });
      });
      exports[name] = path;
      exportChecks[name] = checked;
      const bytes = [...files.values()].reduce((sum, file) => sum + contentLength(file), 0);
      yield { type: 'export', format: name, path, bytes, ...checked };
    }
    return {
      fused: network,
      certificate,
      accuracy: { multiBranch: trained.accuracy, fused: fused.accuracy },
      testImages: trained.images,
      argmaxAgreement: agreement(trained, fused),
      exports,
      exportChecks,
    };
  } finally {
    model.dispose();
  }
}

/** Inputs of the finish of a candidate, and the folder that it writes to. */
export interface CandidateFinish {
  readonly loaded: LoadedConfig;
  readonly facts: RunFacts;
  readonly dataset: OpenDataset;
  readonly candidate: Candidate;
  /** The candidate's folder, in the run folder or the same. */
  readonly folder: RunFolder;
  /** Path of the run folder; paths in events are relative to it. */
  readonly root: string;
}

/** Finishes a candidate and writes its files, the manifest last: a folder with a manifest is finished. */
export async function* finishCandidate(plan: CandidateFinish): AsyncGenerator<RunEvent, TrainingResult> {
  const { loaded, facts, dataset, candidate, folder, root } = plan;
  const { config, parts } = loaded;
  const { supernet, training, images, strategy } = candidate;
  const { epochs, step } = training.cursor;
  const finished = yield* finish({
    supernet,
    fuser: parts.fuser,
    exporters: parts.exporters,
    metadata: { classes: dataset.classes, normalisation: normalisationOf(config.augment.normalise, dataset) },
    tolerance: config.fuse.tolerance,
    certificateImages: () => images.certificate(config.fuse.images),
    testImages: images.test,
    calibrationImages: images.calibration,
    epoch: epochs - 1,
    step,
    write: async (format, files, check) => relative(root, await folder.writeModel(format, files, check)),
  });
  for (const message of images.leftOut()) yield { type: 'warning', message };
  const architecture = supernet.blocks.architecture();
  const { blocks: _, ...certificate } = finished.certificate;
  const { parameters, macs } = fusedCost(supernet.graph);
  const result: TrainingResult = {
    strategy: strategy.definition.name,
    seed: facts.seed,
    engine: facts.engine,
    device: facts.device,
    versions: facts.versions,
    steps: step,
    testImages: finished.testImages,
    accuracy: finished.accuracy,
    argmaxAgreement: finished.argmaxAgreement,
    certificate,
    architecture,
    kept: keptPerOp(architecture),
    cost: { training: trainingCost(supernet, inputSizes(supernet.graph)), fused: { parameters, macs } },
    exports: finished.exports,
    exportChecks: finished.exportChecks,
  };
  writeFinished(folder, config.backbone.name, candidate, finished.certificate, result);
  return result;
}

function writeFinished(
  folder: RunFolder,
  backbone: string,
  { supernet: { store }, gates }: Candidate,
  certificate: Certificate,
  result: TrainingResult,
): void {
  const weights = new Map(
    store.names().map((name) => [name, { shape: store.get(name).shape, values: store.read(name) }] as const),
  );
  const blocks = result.architecture;
  const kept = Object.values(blocks).reduce((sum, branches) => sum + branches.length, 0);
  const origin = { strategy: result.strategy, seed: result.seed, kept, gates };
  folder.write(RUN_FILES.weights, encodeSafetensors(weights));
  folder.write(RUN_FILES.architecture, formatArchitecture({ backbone, blocks, origin }));
  folder.writeJson(RUN_FILES.certificate, certificate);
  folder.writeJson(RUN_FILES.result, result);
  writeManifest(folder.path, CANDIDATE_FILES);
}

/** Counts the blocks in which each branch op is kept. */
function keptPerOp(architecture: Architecture): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of Object.values(architecture).flat()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
