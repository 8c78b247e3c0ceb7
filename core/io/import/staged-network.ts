import { classifierOf } from './dense-layer.js';
import { GraphWriter, type NamedShape, type Placed } from './graph-writer.js';
import { type KnownNetwork, OF_IMAGENET, type PlacedFrom } from './known-network.js';
import type { ByStage } from './options.js';
import { CheckpointError } from './checkpoint-error.js';

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
 * behind: RepVGG, MobileOne, RepNAS, by their own names, timm's or OpenMMLab's. Strides are in no state dict: a stage's first block
 * has 2 in the families' own code, unless it has an identity branch.
 */
export const stagedNetwork: KnownNetwork = {
  ...OF_IMAGENET,
  title: 'a network of stages, as RepVGG and MobileOne have',
  staged: true,
  matches: (names) =>
    names.every((name) => /^(?:stem|stage_?0|stages?[._]?\d+\.\d+(?:\.\d+)?|features\.\d+)$/.test(name)),
  place,
};

/** @throws Error naming the block whose name or shape has no place in such a network. */
function place(
  blocks: readonly NamedShape[],
  input: readonly [height: number, width: number],
  { shapes, others, strides, dilation }: PlacedFrom,
): Placed {
  const placed = blocks.map((block) => ({ block, place: placeOf(block.name, blocks.length) }));
  placed.sort((a, b) => compare([a.place.stage, ...a.place.order], [b.place.stage, ...b.place.order]));
  refuseGaps(placed.map(({ block }) => block.name));
  const stages = [...new Set(placed.map(({ place: { stage } }) => stage))];
  const told = {
    strides: byStage('--strides', strides, stages.length),
    dilation: byStage('--dilation', dilation, stages.length),
  };
  const [stem] = placed;
  const writer = new GraphWriter(blocks, stem?.block.inputs ?? 0);
  let within = 0;
  for (const [index, { block, place }] of placed.entries()) {
    const first = place.stage !== placed[index - 1]?.place.stage;
    const stage = stages.indexOf(place.stage);
    within = first ? 0 : within + 1;
    const stride = told.strides?.[stage];
    const usual = first && !block.identity ? 2 : 1;
    writer.block(block.name, {
      node: `stage${stage}.block${within}`,
      stride: stride !== undefined && first ? stride : stride !== undefined ? 1 : usual,
      told: stride !== undefined,
      dilation: told.dilation?.[stage],
    });
  }
  writer.classify(classifierOf(shapes, others));
  return writer.finish(input);
}

/** Numbers that were told one a stage. @throws Error when there are more or fewer of them */
function byStage(option: string, values: ByStage | undefined, stages: number): readonly number[] | undefined {
  if (!Array.isArray(values)) return undefined;
  if (values.length !== stages)
    throw new CheckpointError(
      `${option} ${values.join(',')} has ${values.length} numbers; expected ${stages}, one for each stage, or NAME=NUMBER`,
    );
  return values;
}

/** Numbers that are left out mean that blocks are. @param names in their order */
function refuseGaps(names: readonly string[]): void {
  const all = new Set(names);
  for (const name of names) {
    const [, before, number] = /^(.*?)(\d+)$/.exec(name) ?? [];
    if (number === undefined || number === '0' || name === 'stage0' || name === 'stage_0') continue;
    const previous = `${before}${Number(number) - 1}`;
    // OpenMMLab's stages begin with 1, behind a stem.
    if (!all.has(previous))
      throw new CheckpointError(`block '${previous}' is missing; the checkpoint has '${name}' behind it`);
  }
}

function placeOf(name: string, blocks: number): Place {
  if (/^(?:stage_?0|stem)$/.test(name)) return { stage: -1, order: [] };
  const [, stage, ...order] = /^stages?[._]?(\d+)\.(\d+)(?:\.(\d+))?$/.exec(name) ?? [];
  if (stage !== undefined)
    return { stage: Number(stage), order: order.flatMap((text) => (text ? [Number(text)] : [])) };
  const [, feature] = /^features\.(\d+)$/.exec(name) ?? [];
  const stages = REPNAS_STAGES.get(blocks);
  if (feature === undefined || !stages)
    throw new CheckpointError(
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
