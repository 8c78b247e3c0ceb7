import type { FusedConvolution, FusedMetadata, FusedNetwork } from '../contracts/exporter.js';
import type { FoldedConvolution } from '../contracts/kernel.js';
import type { RandomSource } from '../contracts/random.js';
import type { Certificate } from '../network/certificate.js';
import { blockShape } from './block-shape.js';
import { type Classifier, classifierOf } from './classifier.js';
import { dbbMobilenet, dbbResnet, isDbbMobilenet, isDbbResnet } from './dbb-networks.js';
import { foldBlock } from './fold-block.js';
import type { NamedShape, Placed } from './graph-writer.js';
import { branchOpName } from './op-name.js';
import { plainBlocks } from './plain-blocks.js';
import { readBlock } from './read-block.js';
import { type BlockPlan, type Recognised, recogniseBlocks } from './recognise.js';
import { isStaged, stagedNetwork } from './staged-network.js';
import type { OpenCheckpoint } from './tensor-source.js';
import { TwoPaths } from './two-paths.js';

export interface ImportOptions {
  /** Height and width of the images the network is for; a checkpoint does not tell. @default [224, 224] */
  readonly input?: readonly [height: number, width: number];
  /** Names of the classes. @default their numbers */
  readonly classes?: readonly string[];
  /** @default ImageNet's, which all of these networks were trained with */
  readonly normalisation?: FusedMetadata['normalisation'];
  /** Largest relative error allowed between the network as trained and as fused. @default 1e-4 */
  readonly tolerance?: number;
  /** Random images that both are compared on. @default 2 of 64 x 64 */
  readonly check?: { readonly images: number; readonly size: number };
}

export interface ImportedNetwork {
  readonly network: FusedNetwork;
  readonly certificate: Certificate;
  /** For people: what was found, assumed and left out. */
  readonly notes: readonly string[];
}

const IMAGENET = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

/**
 * Makes a plain network of a trained one: RepVGG, MobileOne and RepNAS, whose blocks stand in stages, and DBB's ResNets and MobileNet
 * (with blocks of DBB or ACNet). Reads, folds and compares one
 * block after another, so that no more than one is held as it was trained. Needs an engine that is started.
 *
 * @throws Error naming the block or tensor that is missing, does not fit or cannot be folded.
 */
export async function importNetwork(
  { tensors, notes }: OpenCheckpoint,
  random: RandomSource,
  options: ImportOptions = {},
): Promise<ImportedNetwork> {
  const { input = [224, 224], tolerance = 1e-4, check = { images: 2, size: 64 } } = options;
  const { blocks, others } = allBlocks(tensors.shapes.keys());
  refuseMore(blocks, others);
  refuseLess(blocks);
  const shaped = blocks.map((plan) => ({ name: plan.name, ...blockShape(plan, tensors.shapes) }));
  const classifier = classifierOf(tensors.shapes, others);
  const { graph, sources } = placed(shaped, input, classifier);
  const paths = new TwoPaths(graph, random, check);
  const convolutions = new Map<string, FusedConvolution>();
  const architecture: Record<string, string[]> = {};
  // Fresh memory for each block would take longer than the fold itself.
  const room = new Float64Array(
    Math.max(...shaped.map(({ kernelSize, inputs, outputs }) => kernelSize ** 2 * inputs * outputs)),
  );
  try {
    const dense = await classifier.read(tensors);
    for (const node of graph.nodes) {
      if (node.kind !== 'block') {
        paths.step(node, dense);
        continue;
      }
      const plan = blocks.find(({ name }) => name === sources.get(node.name));
      if (!plan) throw new Error(`no block of the checkpoint stands for node ${node.name}`);
      const block = await readBlock(plan, tensors);
      const fused = rounded(foldBlock(block, room));
      convolutions.set(node.name, fused);
      architecture[node.name] = block.branches.map((branch) => branchOpName(branch, block.kernelSize));
      paths.block(node, block, fused);
    }
    const certificate = paths.finish(graph.nodes.at(-1)?.name ?? 'input', tolerance);
    const metadata: FusedMetadata = {
      classes: options.classes ?? Array.from({ length: classifier.classes }, (_, index) => String(index)),
      normalisation: options.normalisation ?? IMAGENET,
      architecture,
      certificate: { ...certificate },
    };
    const network = { graph, convolutions, dense: new Map([['dense', dense]]), metadata };
    return { network, certificate, notes: [...notes, ...leftOut(others, classifier.name)] };
  } finally {
    paths.dispose();
  }
}

const rounded = ({ kernel, bias }: FoldedConvolution): FusedConvolution => ({
  shape: kernel.shape,
  kernel: new Float32Array(kernel.data),
  bias: new Float32Array(bias),
});

/** Whether a checkpoint's blocks are those of a network that is known here, and not only blocks. */
export function isKnownNetwork(names: Iterable<string>): boolean {
  const blocks = allBlocks(names).blocks.map(({ name }) => name);
  return isDbbResnet(blocks) || isDbbMobilenet(blocks) || (blocks.length > 0 && isStaged(blocks));
}

/** Blocks of several branches, and the plain convolutions of networks that have both. */
function allBlocks(names: Iterable<string>): Recognised {
  const { blocks, others } = recogniseBlocks(names);
  const found = blocks.some(({ name }) => !isStaged([name])) ? plainBlocks(others) : { blocks: [], others };
  return { blocks: [...blocks, ...found.blocks], others: found.others };
}

/** @throws Error where the blocks are not those of a network that is known */
function placed(blocks: readonly NamedShape[], input: readonly [number, number], classifier: Classifier): Placed {
  const names = blocks.map(({ name }) => name);
  if (isDbbResnet(names)) return dbbResnet(blocks, input, classifier);
  if (isDbbMobilenet(names)) return dbbMobilenet(blocks, input, classifier);
  return stagedNetwork(blocks, input, classifier);
}

/** A block that holds more than its branches (squeeze and excitation, say) computes more than they do. */
function refuseMore(blocks: readonly BlockPlan[], others: readonly string[]): void {
  for (const { name } of blocks) {
    const more = others.find((other) => other.startsWith(`${name}.`));
    if (more !== undefined)
      throw new Error(`block '${name}' also has '${more}', which is no branch and cannot be folded`);
  }
}

/** A branch that is not there at all leaves no name behind that would tell. */
function refuseLess(blocks: readonly BlockPlan[]): void {
  for (const { name, scheme, branches } of blocks) {
    const there = branches.map(({ source }) => source);
    if (there.includes(scheme.deployed)) continue;
    const missing = scheme.always?.find((branch) => !there.includes(branch));
    if (missing !== undefined)
      throw new Error(
        `block '${name}' has no branch '${missing}', which every block of ${scheme.name} has (it has ${there.join(', ')})`,
      );
  }
}

function leftOut(others: readonly string[], classifier: string): string[] {
  const names = others.filter((name) => !name.startsWith(`${classifier}.`));
  return names.length === 0 ? [] : [`left out, being part of no block: ${names.join(', ')}`];
}
