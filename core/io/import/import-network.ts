import type { FusedConvolution, FusedMetadata, FusedNetwork } from '../../contracts/exporter.js';
import type { FoldedConvolution } from '../../contracts/kernel.js';
import type { Activation, NetworkGraph } from '../../contracts/network.js';
import type { RandomSource } from '../../contracts/random.js';
import { dilate } from '../../reparam/fold/index.js';
import type { Certificate } from '../../reparam/certificate/certificate.js';
import { flattenedMaps } from '../../reparam/network/shapes.js';
import { blockShape } from './block-shape.js';
import type { DenseNumbers } from './dense-layer.js';
import { deployedName, refuseParts } from './deploy-form.js';
import { FAMILIES } from './families.js';
import { foldBlock } from './fold-block.js';
import { type FoundNetwork, findNetwork } from './find-network.js';
import { gateOf } from './gates.js';
import { type NamedShape, type Placed, placedTensors } from './graph-writer.js';
import { normalisationFor } from './known-network.js';
import { branchOpName } from './op-name.js';
import type { ComparedImages, ImagesFor, ImportOptions } from './options.js';
import { readBlock } from './read-block.js';
import { Settings } from './settings.js';
import type { OpenCheckpoint } from './tensor-source.js';
import { TwoPaths } from './two-paths.js';
import { refuseUnknownModules } from './understood.js';
import { CheckpointError } from './checkpoint-error.js';

export interface ImportedNetwork {
  readonly network: FusedNetwork;
  readonly certificate: Certificate;
  /** What was found and left out. */
  readonly notes: readonly string[];
  /** What the checkpoint's own code calls what nodes have become, and whether it is a 1x1 convolution. */
  readonly names: ReadonlyMap<string, SourceName>;
}

export interface SourceName {
  readonly name: string;
  readonly convolution: boolean;
}

/** A network that was put together of a checkpoint's tensors, before any number of it is read. */
export interface PlacedNetwork extends Placed {
  readonly found: FoundNetwork;
  readonly settings: Settings;
  readonly normalisation: FusedMetadata['normalisation'];
}

/**
 * Finds out which network a checkpoint is of, and what it rests on that tensors do not say.
 *
 * @throws Error naming the block, tensor or module that is missing, does not fit or is not understood.
 */
export function placeNetwork(checkpoint: OpenCheckpoint, options: ImportOptions = {}): PlacedNetwork {
  const { families = FAMILIES, strides, dilation, allowLeftOut = false } = options;
  const found = findNetwork(checkpoint, families);
  const { known, blocks, others, foreign, tensors, placeNames } = found;
  const { input = known.size } = options;
  const settings = new Settings(tensors.facts, options);
  refuseParts({ blocks, others });
  const shaped = blocks.map((plan): NamedShape => {
    const shape = blockShape(plan, tensors.shapes);
    const gate = gateOf(plan.name, shape.outputs, tensors);
    return {
      ...shape,
      name: placeNames(plan.name),
      source: plan.name,
      known: settings.block(plan, tensors.shapes),
      ...(gate && { gate }),
      ...(plan.family.activation !== undefined && { usual: plan.family.activation as Activation }),
    };
  });
  if (!known.staged && (Array.isArray(strides) || Array.isArray(dilation)))
    throw new CheckpointError(`${known.title} has no stages to name in their order; expected --strides NAME=NUMBER`);
  refuseUnknownNames(
    strides,
    '--strides',
    blocks.map(({ name }) => name),
  );
  refuseUnknownNames(
    dilation,
    '--dilation',
    blocks.map(({ name }) => name),
  );
  const placed = known.place(shaped, input, { shapes: tensors.shapes, others: foreign, strides, dilation });
  const used = placedTensors(placed);
  const left = foreign.filter((name) => !used.has(name));
  const [first] = left;
  if (first !== undefined && !allowLeftOut)
    throw new CheckpointError(
      `tensor '${first}'${left.length > 1 ? ` and ${left.length - 1} more` : ''} would be left out, being part of no block and no layer that is known; expected a network of nothing else (--allow-left-out leaves it out all the same)`,
    );
  if (tensors.facts && !allowLeftOut) refuseUnknownModules(tensors.facts, blocks, placed);
  noteBasis(placed, found, left, options, settings);
  const channels = placed.graph.input[2];
  const normalisation = options.normalisation ?? normalisationFor(channels, known.normalisation);
  return { ...placed, found, settings, normalisation };
}

function refuseUnknownNames(values: ImportOptions['strides'], option: string, names: readonly string[]): void {
  if (!values || Array.isArray(values)) return;
  const unknown = Object.keys(values).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new CheckpointError(
      `${option} names block '${unknown}'; expected one of ${names.slice(0, 12).join(', ')}${names.length > 12 ? ' …' : ''}`,
    );
}

/** What the graph rests on: said by the file, by the caller, or by nobody. */
function noteBasis(
  { assumed, graph }: Placed,
  { known, others, prefix, tensors }: FoundNetwork,
  left: readonly string[],
  { strides, dilation, activation, input }: ImportOptions,
  { basis }: Settings,
): void {
  const list = (values: ImportOptions['strides']): string =>
    Array.isArray(values)
      ? values.join(',')
      : Object.entries(values ?? {})
          .map(([name, value]) => `${name}=${value}`)
          .join(',');
  if (strides) basis.once('told', `strides ${list(strides)}`);
  if (dilation) basis.once('told', `dilation ${list(dilation)}`);
  if (activation) basis.once('told', `activation ${activation}`);
  if (input) basis.once('told', `images of ${input.join(' x ')}`);
  if (prefix !== '') basis.once('read', `names behind '${prefix}'`);
  const strided = assumed.filter(({ stride }) => stride !== undefined);
  const halving = strided
    .filter(({ stride }) => stride !== 1)
    .map(({ source, stride }) => `${stride} of ${source || 'the block'}`);
  if (strided.length > 0)
    basis.once(
      'assumed',
      `strides: ${halving.join(', ') || 'none'}; 1 of ${strided.length - halving.length} other blocks (as in ${known.title})`,
    );
  const activations = new Set(assumed.flatMap((block) => block.activation ?? []));
  if (activations.size > 0)
    basis.once(
      'assumed',
      `activation ${[...activations].join(' and ')} behind ${assumed.filter((block) => block.activation !== undefined).length} blocks (as in ${known.title})`,
    );
  if (assumed.length > 0 && !tensors.facts)
    basis.once('assumed', 'padding by zeros, half of the kernel on each side; no dilation unless it was told');
  if (assumed.length > 0) basis.once('assumed', `how the blocks stand to one another (as in ${known.title})`);
  if (!graph.nodes.some(({ kind }) => kind === 'dense'))
    basis.once('assumed', 'no classifier: the answers are the means of the last map');
  if (!input) basis.once('assumed', `images of ${known.size.join(' x ')}`);
  basis.leaveOut([
    ...left,
    ...others
      .filter((name) => /(?:^|\.)num_batches_tracked$/.test(name) === false && !left.includes(name))
      .filter((name) => isTraining(name)),
  ]);
}

/** Tensors of losses and metrics are left out without being asked for, and still named. */
const isTraining = (name: string): boolean =>
  /^(?:criterion|criteria|loss|metric|acc|train_|val_|test_|\w+_(?:loss|metric|accuracy))/i.test(name);

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
  const { found, settings, normalisation, ...placed } = placeNetwork(checkpoint, options);
  const { graph, sources, dense: layers, dilations } = placed;
  const { blocks, tensors, known, prefix } = found;
  const maps = mapsOf(graph);
  const images = (await realImages?.(graph, normalisation)) ?? randomImages(graph, random, options.check);
  const paths = new TwoPaths(graph, images);
  const convolutions = new Map<string, FusedConvolution>();
  const dense = new Map<string, DenseNumbers>();
  const names = new Map<string, SourceName>();
  const architecture: Record<string, string[]> = {};
  for (const [node, layer] of layers)
    names.set(node, { name: prefixed(layer.name, prefix, checkpoint), convolution: layer.convolution });
  // Fresh memory for each block would take longer than the fold itself.
  const room = new Float64Array(
    Math.max(
      ...blocks
        .map((plan) => blockShape(plan, tensors.shapes))
        .map(({ kernelSize, inputs, outputs }) => kernelSize ** 2 * inputs * outputs),
    ),
  );
  try {
    for (const node of graph.nodes) {
      options.signal?.throwIfAborted();
      if (node.kind !== 'block') {
        for (const name of [node.name, `${node.name}.down`, `${node.name}.up`]) {
          const numbers = await layers.get(name)?.read(tensors, maps.get(node.input));
          if (numbers) dense.set(name, numbers);
        }
        paths.step(node, dense);
        continue;
      }
      const plan = blocks.find(({ name }) => name === sources.get(node.name));
      if (!plan) throw new CheckpointError(`no block of the checkpoint stands for node ${node.name}`);
      const dilation = dilations.get(node.name) ?? 1;
      const block = await readBlock(plan, tensors, settings, { stride: node.stride, dilation });
      const fused = rounded(foldBlock(block, room), dilation);
      convolutions.set(node.name, fused);
      names.set(node.name, { name: prefixed(deployedName(plan), prefix, checkpoint), convolution: true });
      architecture[node.name] = block.branches.map((branch) => branchOpName(branch, block.kernelSize));
      paths.block(node, block, fused);
    }
    settings.refuseUncertainEpsilon(options.expected === true);
    const compared = paths.finish(graph.nodes.at(-1)?.name ?? 'input', tolerance);
    const certificate: Certificate = { ...compared, proof: 'fold', basis: settings.basis.finish() };
    const metadata: FusedMetadata = {
      classes: options.classes ?? known.classes ?? Array.from({ length: graph.classes }, (_, index) => String(index)),
      normalisation,
      architecture,
      certificate: { ...certificate },
    };
    const network = { graph, convolutions, dense, metadata };
    return { network, certificate, notes: checkpoint.notes, names };
  } finally {
    paths.dispose();
  }
}

/** A name as the file had it: what stood before all of them stands before it again. */
const prefixed = (name: string, prefix: string, { tensors }: OpenCheckpoint): string =>
  (tensors.shapes.has(`${prefix}${name}.weight`) || !tensors.shapes.has(`${name}.weight`) ? prefix : '') + name;

/** The maps that are flattened, by node. @throws Error when images of this size make others than the dense layers read */
function mapsOf(graph: NetworkGraph): ReturnType<typeof flattenedMaps> {
  if (!graph.nodes.some(({ kind }) => kind === 'flatten')) return new Map();
  try {
    return flattenedMaps(graph);
  } catch (error) {
    const [height, width] = graph.input;
    const problem = `images of ${height} x ${width} do not fit this network (${(error as Error).message}); expected the size that it was trained on`;
    throw new CheckpointError(problem, { cause: error });
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

function rounded({ kernel, bias }: FoldedConvolution, dilation: number): FusedConvolution {
  const spread = dilation === 1 ? kernel : dilate(kernel, dilation);
  return { shape: spread.shape, kernel: new Float32Array(spread.data), bias: new Float32Array(bias) };
}
