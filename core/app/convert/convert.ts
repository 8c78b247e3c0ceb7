import { dirname, resolve } from 'node:path';
import { loadPlugins } from '../../config/load.js';
import type { Registry } from '../../config/container/registry.js';
import type { CheckpointFamily } from '../../contracts/checkpoint-family.js';
import type { Exporter, ExportSources, FusedNetwork } from '../../contracts/exporter.js';
import type { Chosen } from '../../contracts/part.js';
import type { RandomSource } from '../../contracts/random.js';
import { checkExport } from '../../io/export/check.js';
import type { ExportChecked } from '../../contracts/exporter.js';
import { valueRanges } from '../../io/export/ranges.js';
import { contentLength, makeFolder, writeChecked } from '../../io/files/index.js';
import {
  findNetwork,
  type ImagesFor,
  type ImportedNetwork,
  importNetwork,
  type OpenCheckpoint,
  openCheckpoint,
  whyBlocksAlone,
} from '../../io/import/index.js';
import { FusedModel } from '../../reparam/network/fuse.js';
import { createRandomSource } from '../../train/random/index.js';
import { enginesNamed, startEngine } from '../../run/engine.js';
import type { Conversion, ConvertOptions, Target, WrittenExport } from './conversion.js';
import { compareExpected, type ExpectedAnswers, readExpected } from './expected.js';
import { provenBy, refuseUnequal, refuseUnexpected, TargetError } from './refused.js';
import { foldBlocks } from './fold-blocks.js';
import { COMPARED, expectedUse, type ImagesUse, randomUse, realUse } from './images-use.js';
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
  const expected = options.expect === undefined ? undefined : readExpected(resolve(options.cwd ?? '.', options.expect));
  const { registry: parts } = await loadPlugins(listing(options.plugins), { cwd: options.cwd });
  const families = parts.parts('checkpoint-family').map(({ part }) => part);
  const checkpoint = await openCheckpoint(path, { average, key: options.key });
  let images: RealImages | undefined;
  try {
    const alone = whyBlocksAlone(checkpoint, families, options.allowLeftOut);
    const size =
      options.input ??
      (expected && ([expected.height, expected.width] as const)) ??
      findNetwork(checkpoint, families).known.size;
    if (options.data !== undefined && alone === undefined)
      images = await openImages(options.data, options, size, random);
    const registry = images?.registry ?? parts;
    const chosen = targets.map((target) => ({ target, exporter: exporterOf(registry, target) }));
    const { session } = await startEngine(enginesNamed(registry, engine));
    try {
      if (alone !== undefined) return await foldBlocks(checkpoint, alone, targets, random, families, options);
      const given = { ...options, ...(expected && { input: size }) };
      return await convertNetwork(checkpoint, { chosen, random, images, families, expected }, given);
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
  readonly families: readonly CheckpointFamily[];
  readonly expected: ExpectedAnswers | undefined;
}

/** A config that says nothing but which plugins; none where there are none, whatever lies in the folder. */
const listing = (plugins: readonly string[] = []): object => ({ plugins });

async function convertNetwork(
  checkpoint: OpenCheckpoint,
  { chosen, random, images, families, expected }: Plan,
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
  const imported = await importNetwork(
    checkpoint,
    random,
    { ...(given ?? options), families, expected: expected !== undefined },
    real,
  );
  refuseUnequal(imported.certificate);
  const folded = named(imported.network, options, images);
  progress(
    `folded ${folded.convolutions.size} blocks; relative error ${imported.certificate.relativeError.toExponential(1)}`,
  );
  const model = new FusedModel(folded);
  try {
    const certificate = expected
      ? provenBy(imported.certificate, compareExpected(model, expected))
      : imported.certificate;
    refuseUnexpected(certificate);
    const network = { ...folded, metadata: { ...folded.metadata, certificate: { ...certificate } } };
    const use = images
      ? realUse(model, images, testImages)
      : expected
        ? expectedUse(expected)
        : randomUse(network, random);
    const accuracy = await use.accuracy?.();
    const exports: WrittenExport[] = [];
    for (const { target, exporter } of chosen) {
      options.signal?.throwIfAborted();
      exports.push(await write(network, model, imported.names, target, exporter, use));
    }
    const measured = accuracy && { accuracy: { fused: accuracy.accuracy, images: accuracy.images } };
    const chance = accuracy ? atChance(accuracy, network.graph.classes) : [];
    return { network, certificate, ...measured, notes: [...imported.notes, ...use.notes, ...chance], exports };
  } finally {
    model.dispose();
  }
}

/** A network that names classes no better than chance is none that was trained, or not the user's. */
function atChance(
  { accuracy, images }: { readonly accuracy: number; readonly images: number },
  classes: number,
): string[] {
  const chance = 1 / classes;
  const spread = 3 * Math.sqrt((chance * (1 - chance)) / images);
  if (accuracy > chance + spread || classes < 2) return [];
  return [
    `WARNING: an accuracy of ${(100 * accuracy).toFixed(2)} % on ${images} images is what chance gives with ${classes} classes (${(100 * chance).toFixed(2)} %): something that was assumed is not so (normalisation, order of the classes, epsilon, strides, activation), or the weights were never trained; prove it with --expect`,
  ];
}

/** The classes are called as the images' folders where there are as many. */
function named(network: FusedNetwork, options: ConvertOptions, images: RealImages | undefined): FusedNetwork {
  if (!images || options.classes || images.classes.length !== network.graph.classes) return network;
  return { ...network, metadata: { ...network.metadata, classes: images.classes } };
}

async function write(
  network: FusedNetwork,
  model: FusedModel,
  names: ImportedNetwork['names'],
  { format, path, single = false }: Target,
  exporter: Chosen<Exporter>,
  use: ImagesUse,
): Promise<WrittenExport> {
  const { calibration, accuracyOf } = use;
  const sources: ExportSources = {
    sourceNames: () => names,
    ...(calibration && { ranges: () => valueRanges(model, calibration()) }),
  };
  const files = await exporter.definition.export(network, exporter.options, sources);
  const paths = [...files.keys()];
  if (single && paths.length !== 1)
    throw new TargetError(
      `format ${format} is the files ${paths.join(', ')}; expected a folder to put them in, found ${path}`,
    );
  let checked: ExportChecked = { unchecked: 'not written' };
  makeFolder(dirname(path));
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
  await writeChecked(path, files, check, single ? paths[0] : undefined);
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
