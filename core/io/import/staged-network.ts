import { classifierOf } from './dense-layer.js';
import { GraphWriter, type NamedShape, type Placed } from './graph-writer.js';
import { type KnownNetwork, OF_IMAGENET } from './known-network.js';
import type { TensorSource } from './tensor-source.js';

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
 */
export const stagedNetwork: KnownNetwork = {
  ...OF_IMAGENET,
  matches: (names) => names.every((name) => /^(?:stem|stage0|stages?\.?\d+\.\d+(?:\.\d+)?|features\.\d+)$/.test(name)),
  place,
};

/** @throws Error naming the block whose name or shape has no place in such a network. */
function place(
  blocks: readonly NamedShape[],
  input: readonly [height: number, width: number],
  { shapes, others }: { readonly shapes: TensorSource['shapes']; readonly others: readonly string[] },
): Placed {
  const placed = blocks.map((block) => ({ block, place: placeOf(block.name, blocks.length) }));
  placed.sort((a, b) => compare([a.place.stage, ...a.place.order], [b.place.stage, ...b.place.order]));
  refuseGaps(placed.map(({ block }) => block.name));
  const writer = new GraphWriter(blocks, placed[0]?.block.inputs ?? 0);
  let [stage, within] = [-1, 0];
  for (const [index, { block, place }] of placed.entries()) {
    const first = index === 0 || place.stage !== placed[index - 1]?.place.stage;
    [stage, within] = first ? [stage + 1, 0] : [stage, within + 1];
    writer.block(block.name, { node: `stage${stage}.block${within}`, stride: first && !block.identity ? 2 : 1 });
  }
  writer.classify(classifierOf(shapes, others));
  return writer.finish(input);
}

/** Numbers that are left out mean that blocks are. @param names in their order */
function refuseGaps(names: readonly string[]): void {
  const all = new Set(names);
  for (const name of names) {
    const [, before, number] = /^(.*?)(\d+)$/.exec(name) ?? [];
    if (number === undefined || number === '0' || name === 'stage0') continue;
    const previous = `${before}${Number(number) - 1}`;
    if (!all.has(previous)) throw new Error(`block '${previous}' is missing; the checkpoint has '${name}' behind it`);
  }
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
