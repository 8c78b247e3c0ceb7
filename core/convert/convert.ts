import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createRunContainer } from '../container/plugins.js';
import type { Registry } from '../container/registry.js';
import type { Exporter, FusedNetwork } from '../contracts/exporter.js';
import type { Chosen } from '../contracts/part.js';
import type { RandomSource } from '../contracts/random.js';
import { checkExport, type CheckImages } from '../export/check.js';
import type { ExportChecked } from '../export/checked.js';
import { contentLength, writeChecked } from '../files/index.js';
import { importNetwork, openCheckpoint, whyBlocksAlone } from '../import/index.js';
import { FusedModel } from '../network/fused.js';
import { createRandomSource } from '../random/index.js';
import { startEngine } from '../run/engine.js';
import {
  type Conversion,
  type ConvertOptions,
  refuseUnequal,
  type Target,
  TargetError,
  type WrittenExport,
} from './conversion.js';
import { foldBlocks } from './fold-blocks.js';

/**
 * A published multi-branch checkpoint (RepVGG, MobileOne, DBB, ACNet, RepNAS, timm's) folded, proven and written in other formats.
 * Of a network that is not known the blocks alone are folded, and written as safetensors in the names of its own deploy form.
 *
 * @param path a safetensors or PyTorch file; nothing in it is run
 * @throws FileError when it is damaged; CertificateError when folding would change what the network computes; ExportError when a program
 *   that reads a format computes something else. Nothing is written then.
 */
export async function convertCheckpoint(path: string, options: ConvertOptions = {}): Promise<Conversion> {
  const { targets = [], average = true, engine = 'auto', seed = 0, progress = () => {} } = options;
  const { registry } = await createRunContainer();
  const chosen = targets.map((target) => ({ target, exporter: exporterOf(registry, target) }));
  const { session } = await startEngine(enginesOf(registry, engine));
  try {
    const random = createRandomSource(seed);
    const checkpoint = await openCheckpoint(path, { average });
    const alone = whyBlocksAlone(checkpoint.tensors.shapes.keys());
    if (alone !== undefined)
      return await foldBlocks(checkpoint, alone, targets, random, options).finally(() => checkpoint.close());
    const imported = await importNetwork(checkpoint, random, options).finally(() => checkpoint.close());
    const { network, certificate, notes } = imported;
    refuseUnequal(certificate);
    progress(
      `folded ${network.convolutions.size} blocks; relative error ${certificate.relativeError.toExponential(1)}`,
    );
    const exports: WrittenExport[] = [];
    for (const { target, exporter } of chosen) exports.push(await write(network, target, exporter, random));
    return { network, certificate, notes, exports };
  } finally {
    await session.stop();
  }
}

async function write(
  network: FusedNetwork,
  { format, path, single = false }: Target,
  exporter: Chosen<Exporter>,
  random: RandomSource,
): Promise<WrittenExport> {
  const files = await exporter.definition.export(network, exporter.options);
  const names = [...files.keys()];
  if (single && names.length !== 1)
    throw new TargetError(
      `format ${format} is the files ${names.join(', ')}; expected a folder to put them in, found ${path}`,
    );
  let checked: ExportChecked = { unchecked: 'not written' };
  mkdirSync(dirname(path), { recursive: true });
  const check = async (folder: string): Promise<void> => {
    const model = new FusedModel(network);
    try {
      checked = await checkExport({
        exporter,
        folder,
        model,
        images: () => randomImage(network, exporter.definition, random),
      });
    } finally {
      model.dispose();
    }
  };
  await writeChecked(path, files, check, single ? names[0] : undefined);
  const bytes = [...files.values()].reduce((sum, content) => sum + contentLength(content), 0);
  return { format, path, bytes, checked };
}

/** Height and width that are enough for every kind of pixel, border or not, in each stage of the networks that are known. */
const CHECKED_SIZE = 96;

/** One image, since a checkpoint comes without real ones. */
async function* randomImage(
  network: FusedNetwork,
  format: Exporter,
  random: RandomSource,
): AsyncGenerator<CheckImages> {
  const any = format.readsAnySize?.(network) ?? false;
  const [full, wide, channels] = network.graph.input;
  const [height, width] = any ? [Math.min(full, CHECKED_SIZE), Math.min(wide, CHECKED_SIZE)] : [full, wide];
  const stream = random.stream('convert:image');
  const images = Float32Array.from({ length: height * width * channels }, () => stream.normal());
  yield { images, size: 1, height, width };
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

function enginesOf(registry: Registry, name: string) {
  const all = registry.parts('engine').map(({ part }) => part);
  const named = name === 'auto' ? all.sort((a, b) => a.order - b.order) : [registry.part('engine', name)];
  return named.map((definition) => ({ definition, options: definition.options.parse({}) }));
}
