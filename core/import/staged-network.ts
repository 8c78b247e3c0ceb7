import type { BlockNode, GraphNode, NetworkGraph } from '../contracts/network.js';
import type { BlockShape } from './block-shape.js';
import type { Classifier } from './classifier.js';

/** A block with its place in a network of stages. */
export interface NamedShape extends BlockShape {
  /** The checkpoint's name. */
  readonly name: string;
}

export interface StagedNetwork {
  readonly graph: NetworkGraph;
  /** The checkpoint's names of blocks by the graph's. */
  readonly sources: ReadonlyMap<string, string>;
}

interface Place {
  readonly stage: number;
  readonly order: readonly number[];
}

/** Layers of each stage by their number in all: RepVGG-A and -B, which RepNAS searches over. */
const REPNAS_STAGES: ReadonlyMap<number, readonly number[]> = new Map([
  [22, [1, 2, 4, 14, 1]],
  [28, [1, 4, 6, 16, 1]],
]);

/**
 * The network of blocks that stand in stages one behind the other, each stage halving its map, with the mean and one dense layer
 * behind: RepVGG, MobileOne, RepNAS, by their own names or timm's. Strides are not in a checkpoint: a stage's first block has 2,
 * unless it has an identity branch.
 *
 * @param input height and width of an image
 * @throws Error naming the block whose name or shape has no place in such a network.
 */
export function stagedNetwork(
  blocks: readonly NamedShape[],
  input: readonly [height: number, width: number],
  { name: dense, features, classes }: Classifier,
): StagedNetwork {
  const placed = blocks.map((block) => ({ block, place: placeOf(block.name, blocks.length) }));
  placed.sort((a, b) => compare([a.place.stage, ...a.place.order], [b.place.stage, ...b.place.order]));
  const nodes: GraphNode[] = [];
  const sources = new Map<string, string>();
  let channels = placed[0]?.block.inputs ?? 0;
  const image = [...input, channels] as const;
  let [stage, within] = [-1, 0];
  for (const [index, { block, place }] of placed.entries()) {
    const first = index === 0 || place.stage !== placed[index - 1]?.place.stage;
    [stage, within] = first ? [stage + 1, 0] : [stage, within + 1];
    const name = `stage${stage}.block${within}`;
    nodes.push(
      blockNode(block, {
        name,
        input: nodes.at(-1)?.name ?? 'input',
        channels,
        stride: first && !block.identity ? 2 : 1,
      }),
    );
    sources.set(name, block.name);
    channels = block.outputs;
  }
  const last = nodes.at(-1)?.name ?? 'input';
  if (features !== channels)
    throw new Error(`tensor '${dense}.weight' reads ${features} features; the last block gives ${channels}`);
  nodes.push({ kind: 'global-average-pool', name: 'pool', input: last });
  nodes.push({ kind: 'dense', name: 'dense', input: 'pool', inputs: channels, outputs: classes, activation: 'none' });
  return { graph: { input: image, classes, nodes }, sources };
}

function placeOf(name: string, blocks: number): Place {
  if (name === 'stage0' || name === 'stem') return { stage: -1, order: [] };
  const [, stage, ...order] = /^stages?\.?(\d+)\.(\d+)(?:\.(\d+))?$/.exec(name) ?? [];
  if (stage !== undefined)
    return { stage: Number(stage), order: order.flatMap((text) => (text ? [Number(text)] : [])) };
  const [, feature] = /^features\.(\d+)$/.exec(name) ?? [];
  const stages = REPNAS_STAGES.get(blocks);
  if (feature === undefined || !stages)
    throw new Error(
      `block '${name}' has no place in a network of stages; expected names as of RepVGG, MobileOne or timm, or 22 or 28 blocks as of RepNAS`,
    );
  return { stage: stageOf(Number(feature), stages), order: [Number(feature)] };
}

function stageOf(layer: number, stages: readonly number[]): number {
  let end = 0;
  return stages.findIndex((count) => {
    end += count;
    return layer < end;
  });
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? -1) - (b[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function blockNode(
  { name: source, inputs, outputs, kernelSize, identity }: NamedShape,
  {
    name,
    input,
    channels,
    stride,
  }: { readonly name: string; readonly input: string; readonly channels: number; readonly stride: number },
): BlockNode {
  const groups = channels / inputs;
  if (!Number.isInteger(groups) || outputs % groups !== 0)
    throw new Error(
      `block '${source}' reads ${inputs} channels a group and gives ${outputs}; the one before it gives ${channels}`,
    );
  if (identity && channels !== outputs)
    throw new Error(`block '${source}' has an identity branch, but reads ${channels} channels and gives ${outputs}`);
  return {
    kind: 'block',
    name,
    input,
    inChannels: channels,
    outChannels: outputs,
    kernelSize,
    stride,
    groups,
    activation: 'relu',
    searchable: kernelSize > 1,
  };
}
