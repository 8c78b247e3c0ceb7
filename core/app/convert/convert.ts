import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createRunContainer } from '../../config/container/plugins.js';
import type { Registry } from '../../config/container/registry.js';
import type { Exporter, ExportSources, FusedNetwork } from '../../contracts/exporter.js';
import type { Chosen } from '../../contracts/part.js';
import type { RandomSource } from '../../contracts/random.js';
import { checkExport } from '../../io/export/check.js';
import type { ExportChecked } from '../../io/export/checked.js';
import { valueRanges } from '../../io/export/ranges.js';
import { contentLength, writeChecked } from '../../io/files/index.js';
import {
  findNetwork,
  type ImagesFor,
  importNetwork,
  type OpenCheckpoint,
  openCheckpoint,
  whyBlocksAlone,
} from '../../io/import/index.js';
import { FusedModel } from '../../reparam/network/fused.js';
import { createRandomSource } from '../../train/random/index.js';
import { enginesNamed, startEngine } from '../../run/engine.js';
import type { Conversion, ConvertOptions, Target, WrittenExport } from './conversion.js';
import { refuseUnequal, TargetError } from './refused.js';
import { foldBlocks } from './fold-blocks.js';
import { COMPARED, type ImagesUse, randomUse, realUse } from './images-use.js';
import { comparedImages, openImages, type RealImages } from './real-images.js';

/** Test images that accuracy is measured on. */
const TESTED = 1000;

/**
 * A published multi-branch checkpoint (RepVGG, MobileOne, DBB, ACNet, RepNAS, timm's) folded, proven and written in other formats.
 * Of a network that is not known the blocks alone are folded, and written as safetensors in the names of its own deploy form.
 *
 * @param path a safetensors or PyTorch file; nothing in it is run
 * @throws FileError when it is damaged; CertificateError when folding would change what the network computes; ExportError when a program
 *   that reads a format computes something else. Nothing is written then.
 */
export async function convertCheckpoint(path: string, options: ConvertOptions = {}): Promise<Conversion> {
  const { targets = [], average = true, engine = 'auto', seed = 0 } = options;
  const random = createRandomSource(seed);
  const checkpoint = await openCheckpoint(path, { average });
  let images: RealImages | undefined;
  try {
    const alone = whyBlocksAlone(checkpoint);
    const size = options.input ?? findNetwork(checkpoint).known.size;
    if (options.data !== undefined && alone === undefined)
      images = await openImages(options.data, options, size, random);
    const registry = images?.registry ?? (await createRunContainer()).registry;
    const chosen = targets.map((target) => ({ target, exporter: exporterOf(registry, target) }));
    const { session } = await startEngine(enginesNamed(registry, engine));
    try {
      if (alone !== undefined) return await foldBlocks(checkpoint, alone, targets, random, options);
      return await convertNetwork(checkpoint, { chosen, random, images }, options);
    } finally {
      await session.stop();
    }
  } finally {
    await images?.close();
    await checkpoint.close();
  }
}

interface Plan {
  readonly chosen: readonly { readonly target: Target; readonly exporter: Chosen<Exporter> }[];
  readonly random: RandomSource;
  readonly images: RealImages | undefined;
}

async function convertNetwork(
  checkpoint: OpenCheckpoint,
  { chosen, random, images }: Plan,
  options: ConvertOptions,
): Promise<Conversion> {
  const { progress = () => {}, testImages = TESTED } = options;
  const given = images && {
    ...options,
    input: options.input ?? ([images.shape[0], images.shape[1]] as const),
  };
  const real =
    images &&
    (((graph, normalisation) => comparedImages(images, COMPARED, graph.input, normalisation)) satisfies ImagesFor);
  const imported = await importNetwork(checkpoint, random, given ?? options, real);
  const { certificate, notes } = imported;
  refuseUnequal(certificate);
  const network = named(imported.network, options, images);
  progress(`folded ${network.convolutions.size} blocks; relative error ${certificate.relativeError.toExponential(1)}`);
  const model = new FusedModel(network);
  try {
    const use = images ? realUse(model, images, testImages) : randomUse(network, random);
    const accuracy = await use.accuracy?.();
    const exports: WrittenExport[] = [];
    for (const { target, exporter } of chosen) {
      options.signal?.throwIfAborted();
      exports.push(await write(model, target, exporter, use));
    }
    const measured = accuracy && { accuracy: { fused: accuracy.accuracy, images: accuracy.images } };
    return { network, certificate, ...measured, notes: [...notes, ...use.notes], exports };
  } finally {
    model.dispose();
  }
}

/** The classes are called as the images' folders where there are as many. */
function named(network: FusedNetwork, options: ConvertOptions, images: RealImages | undefined): FusedNetwork {
  if (!images || options.classes || images.classes.length !== network.graph.classes) return network;
  return { ...network, metadata: { ...network.metadata, classes: images.classes } };
}

async function write(
  model: FusedModel,
  { format, path, single = false }: Target,
  exporter: Chosen<Exporter>,
  use: ImagesUse,
): Promise<WrittenExport> {
  const { calibration, accuracyOf } = use;
  const sources: ExportSources = calibration ? { ranges: () => valueRanges(model, calibration()) } : {};
  const files = await exporter.definition.export(model.network, exporter.options, sources);
  const names = [...files.keys()];
  if (single && names.length !== 1)
    throw new TargetError(
      `format ${format} is the files ${names.join(', ')}; expected a folder to put them in, found ${path}`,
    );
  let checked: ExportChecked = { unchecked: 'not written' };
  mkdirSync(dirname(path), { recursive: true });
  const check = async (folder: string): Promise<void> => {
    const fused = await use.accuracy?.();
    checked = await checkExport({
      exporter,
      folder,
      model,
      images: () => use.check(exporter.definition),
      random: use.random,
      ...(fused && accuracyOf && { accuracy: { fused: fused.accuracy, of: accuracyOf } }),
    });
  };
  await writeChecked(path, files, check, single ? names[0] : undefined);
  const bytes = [...files.values()].reduce((sum, content) => sum + contentLength(content), 0);
  return { format, path, bytes, checked };
}

function exporterOf(registry: Registry, { format, options = {} }: Target): Chosen<Exporter> {
  const definition = registry.find('exporter', format)?.part;
  if (!definition)
    throw new TargetError(`there is no format '${format}'; expected one of ${registry.names('exporter').join(', ')}`);
  const parsed = definition.options.safeParse(options);
  if (!parsed.success)
    throw new TargetError(
      `format ${format}: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
    );
  return { definition, options: parsed.data };
}
