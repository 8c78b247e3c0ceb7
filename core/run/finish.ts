import type { RunEvent } from '../contracts/events.js';
import type { Exporter, ExportSources, FusedMetadata, FusedNetwork, OpenModel } from '../contracts/exporter.js';
import type { FileContent } from '../contracts/file.js';
import { checkExport } from '../io/export/check.js';
import type { ExportChecked } from '../io/export/checked.js';
import { valueRanges } from '../io/export/ranges.js';
import { contentLength } from '../io/files/index.js';
import type { Fuser } from '../contracts/fuser.js';
import type { Chosen } from '../contracts/part.js';
import { type Certificate, certify, refusal } from '../reparam/certificate/certificate.js';
import { fuseNetwork } from '../reparam/network/fuse.js';
import { FusedModel } from '../reparam/network/fused.js';
import type { Supernet } from '../reparam/network/supernet.js';
import { trainedNetwork } from '../reparam/network/trained.js';
import { CertificateError } from './errors.js';
import { accuracyOf, agreement, type Evaluation, evaluate } from '../train/evaluate.js';
import type { TrainingBatch } from '../train/step.js';

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
 * Fuse, verify, evaluate, export. Every step is an event; the return value is what it came to.
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
