import type { FusedConvolution, FusedMetadata, FusedNetwork } from '../../contracts/exporter.js';
import type { FoldedConvolution } from '../../contracts/kernel.js';
import type { NetworkGraph } from '../../contracts/network.js';
import type { RandomSource } from '../../contracts/random.js';
import type { Certificate } from '../../reparam/certificate/certificate.js';
import { flattenedMaps } from '../../reparam/network/flattened-maps.js';
import { blockShape } from './block-shape.js';
import type { DenseNumbers } from './dense-layer.js';
import { foldBlock } from './fold-block.js';
import { findNetwork } from './find-network.js';
import { branchOpName } from './op-name.js';
import type { ComparedImages, ImagesFor, ImportOptions } from './options.js';
import { readBlock } from './read-block.js';
import type { BlockPlan } from './recognise.js';
import type { OpenCheckpoint } from './tensor-source.js';
import { TwoPaths } from './two-paths.js';

export interface ImportedNetwork {
  readonly network: FusedNetwork;
  readonly certificate: Certificate;
  /** For people: what was found, assumed and left out. */
  readonly notes: readonly string[];
}

/**
 * Makes a plain network of a trained one: RepVGG, MobileOne and RepNAS, whose blocks stand in stages, and the networks of DBB's and
 * ACNet's own code (with blocks of either). Reads, folds and compares one block after another, so that no more than one is held as it
 * was trained. Needs an engine that is started.
 *
 * @throws Error naming the block or tensor that is missing, does not fit or cannot be folded.
 */
export async function importNetwork(
  checkpoint: OpenCheckpoint,
  random: RandomSource,
  options: ImportOptions = {},
  realImages?: ImagesFor,
): Promise<ImportedNetwork> {
  const { tolerance = 1e-4 } = options;
  const { tensors, notes } = checkpoint;
  const { known, blocks, others, placeNames } = findNetwork(checkpoint);
  const { input = known.size, normalisation = known.normalisation } = options;
  refuseMore(blocks, others);
  refuseLess(blocks);
  const shaped = blocks.map((plan) => ({
    ...blockShape(plan, tensors.shapes),
    name: placeNames(plan.name),
    source: plan.name,
  }));
  const { graph, sources, dense: layers } = known.place(shaped, input, { shapes: tensors.shapes, others });
  const maps = mapsOf(graph);
  const images = (await realImages?.(graph, normalisation)) ?? randomImages(graph, random, options.check);
  const paths = new TwoPaths(graph, images);
  const convolutions = new Map<string, FusedConvolution>();
  const dense = new Map<string, DenseNumbers>();
  const architecture: Record<string, string[]> = {};
  // Fresh memory for each block would take longer than the fold itself.
  const room = new Float64Array(
    Math.max(...shaped.map(({ kernelSize, inputs, outputs }) => kernelSize ** 2 * inputs * outputs)),
  );
  try {
    for (const node of graph.nodes) {
      options.signal?.throwIfAborted();
      if (node.kind !== 'block') {
        const layer = layers.get(node.name);
        const numbers = await layer?.read(tensors, maps.get(node.input));
        if (numbers) dense.set(node.name, numbers);
        paths.step(node, numbers);
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
      classes: options.classes ?? known.classes ?? Array.from({ length: graph.classes }, (_, index) => String(index)),
      normalisation,
      architecture,
      certificate: { ...certificate },
    };
    const network = { graph, convolutions, dense, metadata };
    const used = [...layers.values()].map(({ name }) => name);
    return { network, certificate, notes: [...notes, ...leftOut(others, used)] };
  } finally {
    paths.dispose();
  }
}

/** The maps that are flattened, by node. @throws Error when images of this size make others than the dense layers read */
function mapsOf(graph: NetworkGraph): ReturnType<typeof flattenedMaps> {
  if (!graph.nodes.some(({ kind }) => kind === 'flatten')) return new Map();
  try {
    return flattenedMaps(graph);
  } catch (error) {
    const [height, width] = graph.input;
    const problem = `images of ${height} x ${width} do not fit this network (${(error as Error).message}); expected the size that it was trained on`;
    throw new Error(problem, { cause: error });
  }
}

/** Numbers that keep activations near those of real images. */
function randomImages(
  { input: [full, wide, channels], nodes }: NetworkGraph,
  random: RandomSource,
  { images, size }: NonNullable<ImportOptions['check']> = { images: 2, size: 64 },
): ComparedImages {
  const [height, width] = nodes.some(({ kind }) => kind === 'flatten') ? [full, wide] : [size, size];
  const stream = random.stream('import:images');
  const values = Float32Array.from({ length: images * height * width * channels }, () => stream.normal());
  return { values, count: images, height, width, random: true };
}

const rounded = ({ kernel, bias }: FoldedConvolution): FusedConvolution => ({
  shape: kernel.shape,
  kernel: new Float32Array(kernel.data),
  bias: new Float32Array(bias),
});

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

function leftOut(others: readonly string[], dense: readonly string[]): string[] {
  const names = others.filter((name) => !dense.some((layer) => name.startsWith(`${layer}.`)));
  return names.length === 0 ? [] : [`left out, being part of no block: ${names.join(', ')}`];
}
