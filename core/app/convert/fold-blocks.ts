import { dirname } from 'node:path';
import type { CheckpointFamily } from '../../contracts/checkpoint-family.js';
import type { RandomSource } from '../../contracts/random.js';
import { makeFolder, writeChecked } from '../../io/files/index.js';
import { encodeSafetensors, type TensorsToWrite } from '../../io/formats/safetensors.js';
import { compareBlock, foldTensors, type OpenCheckpoint, Settings } from '../../io/import/index.js';
import type { BlocksCertificate } from '../../reparam/certificate/difference.js';
import type { Difference } from '../../reparam/certificate/difference.js';
import type { Conversion, ConvertOptions, Target } from './conversion.js';
import { refuseUnequal, TargetError } from './refused.js';

const FILE = 'model.safetensors';
const note = (why: string): string =>
  `the network is not put together here: ${why}. Its blocks alone were folded and compared, each on random images; everything else is as it was`;

/**
 * Folds the blocks of a checkpoint whose network is not known: what comes out loads into the same network in its deploy form.
 *
 * @param why the network is not known
 * @throws TargetError when anything but safetensors is wanted, for which the network would have to be known
 */
export async function foldBlocks(
  { tensors, notes }: OpenCheckpoint,
  why: string,
  targets: readonly Target[],
  random: RandomSource,
  families: readonly CheckpointFamily[],
  options: ConvertOptions,
): Promise<Conversion> {
  const { tolerance = 1e-4, data, expect, progress = () => {} } = options;
  if (expect !== undefined)
    throw new TargetError(
      `--expect ${expect} needs the whole network, which is not put together here: ${why}; expected no --expect, or a checkpoint of nothing else`,
    );
  const other = targets.find(({ format }) => format !== 'safetensors');
  if (other)
    throw new TargetError(
      `format ${other.format} needs the whole network, which is not put together here: ${why}; expected format safetensors (-o FILE.safetensors), which holds the folded blocks in the names of its deploy form`,
    );
  const unused = data === undefined ? [] : ['the images given were not used: blocks alone read no images'];
  const blocks: Record<string, Difference> = {};
  const settings = new Settings(tensors.facts, options);
  const folded = await foldTensors(tensors, settings, {
    families,
    see: (block, { kernel, bias }) => {
      const fused = { shape: kernel.shape, kernel: new Float32Array(kernel.data), bias: new Float32Array(bias) };
      blocks[block.name] = compareBlock(block, fused, random);
    },
  });
  settings.refuseUncertainEpsilon();
  const certificate = { ...certificateOf(blocks, tolerance), proof: 'fold', basis: settings.basis.finish() } as const;
  refuseUnequal(certificate);
  progress(`folded ${folded.blocks.length} blocks; relative error ${certificate.relativeError.toExponential(1)}`);
  const bytes = encodeSafetensors(prefixed(folded.tensors, tensors.prefix), {
    format: 'pt',
    certificate: JSON.stringify(certificate),
  });
  const checked = { unchecked: note(why) };
  for (const { path, single = false } of targets) {
    makeFolder(dirname(path));
    await writeChecked(path, new Map([[FILE, bytes]]), async () => {}, single ? FILE : undefined);
  }
  const exports = targets.map(({ format, path }) => ({
    format,
    path,
    bytes: bytes.length,
    checked,
  }));
  return { certificate, notes: [...notes, ...unused, note(why)], exports };
}

/** Names as the file had them. */
const prefixed = (tensors: TensorsToWrite, prefix = ''): TensorsToWrite =>
  new Map([...tensors].map(([name, tensor]) => [prefix + name, tensor]));

/** Of one image, and of nothing but the blocks. */
function certificateOf(blocks: Readonly<Record<string, Difference>>, tolerance: number): BlocksCertificate {
  const all = Object.values(blocks);
  const relativeError = Math.max(...all.map((block) => block.relativeError));
  return {
    format: 'repnas-certificate',
    version: 1,
    images: 1,
    randomImages: true,
    tolerance,
    passed: relativeError <= tolerance,
    maxDifference: Math.max(...all.map((block) => block.maxDifference)),
    relativeError,
    blocks,
  };
}
