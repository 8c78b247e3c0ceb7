import type { CheckpointFamily, FamilyBranch, FamilyLayer } from '../../contracts/checkpoint-family.js';
import { FAMILIES } from './families.js';

/**
 * Finds the blocks of known families among the names of a checkpoint's tensors. A tensor belongs to one branch of one block; what
 * belongs to none is handed on by name, for others to judge.
 */

/** A block as found by its tensors' names. */
export interface BlockPlan {
  /** Before the branches' own names; empty where the block is all there is. */
  readonly name: string;
  readonly family: CheckpointFamily;
  readonly branches: readonly BranchPlan[];
  /** Full name of the batch-norm behind the sum, where there is one. */
  readonly closing?: string;
}

export interface BranchPlan {
  /** Within the block; its first layer's name where the family gives branches none. */
  readonly source: string;
  /** The layers, under the full names of what holds their numbers. */
  readonly layers: readonly LayerPlan[];
  /** Where it has no tensors: whether it is in every block, or where stride and channels allow. */
  readonly implied?: 'always' | 'where-it-fits';
}

/** A layer of a branch. Names are full ones, of tensors where it says so, else of what holds them. */
export type LayerPlan =
  | {
      readonly convolution: string;
      readonly identity?: boolean;
      readonly dilation?: number;
      readonly dense?: boolean;
      /** Whether the name is the tensor's own. */
      readonly bare?: boolean;
    }
  | { readonly norm: string }
  | 'average'
  | { readonly filter: string }
  | { readonly shift: string }
  | { readonly scale: string; readonly row?: number; readonly negative?: boolean };

export interface Recognised {
  /** Blocks, and the branches within them, in the order of the file. */
  readonly blocks: readonly BlockPlan[];
  /** Names of the tensors that belong to no block. */
  readonly others: readonly string[];
}

const NORM_TENSORS = ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'];

/** The tensor that holds a convolution's kernel. */
export const kernelOf = (layer: Extract<LayerPlan, { convolution: string }>): string =>
  layer.bare ? layer.convolution : `${layer.convolution}.weight`;

/** @param shapes by name; only the names and the sizes of kernels are looked at */
export function recogniseBlocks(
  shapes: ReadonlyMap<string, readonly number[]>,
  families: readonly CheckpointFamily[] = FAMILIES,
): Recognised {
  const blocks = new Map<string, BlockPlan>();
  const used = new Set<string>();
  // What has all that a family's blocks have comes first, since families share names; the rest is a block that lacks something.
  for (const whole of [true, false]) {
    for (const family of families) {
      for (const plan of findBlocks(family, shapes, used)) {
        const tensors = tensorsOf(plan);
        // Two families may each have a part of one block; none has what another has already.
        if (
          (lacking(plan) !== undefined) === whole ||
          blocks.has(keyOf(plan)) ||
          tensors.some((name) => used.has(name))
        )
          continue;
        blocks.set(keyOf(plan), plan);
        for (const name of tensors) used.add(name);
      }
    }
  }
  const place = new Map([...shapes.keys()].map((name, index) => [name, index]));
  const first = (branches: readonly BranchPlan[]): number =>
    Math.min(...tensorsOf({ branches }).map((name) => place.get(name) ?? shapes.size));
  return {
    blocks: [...blocks.values()]
      .map((plan) => ({ ...plan, branches: plan.branches.toSorted((a, b) => first([a]) - first([b])) }))
      .sort((a, b) => first(a.branches) - first(b.branches)),
    others: [...shapes.keys()].filter((name) => !used.has(name)),
  };
}

const keyOf = ({ name, family }: BlockPlan): string => `${name} ${family.deployed}`;

interface Found {
  readonly plan: BranchPlan;
  readonly common: boolean;
}

function findBlocks(
  family: CheckpointFamily,
  shapes: ReadonlyMap<string, readonly number[]>,
  used: ReadonlySet<string>,
): readonly BlockPlan[] {
  const found = new Map<string, Map<string, Found>>();
  for (const branch of family.branches) {
    if (branch.implied) continue;
    const pattern = patternOf(branch);
    for (const name of shapes.keys()) {
      const [, block = '', ...numbers] = pattern.exec(name) ?? [undefined];
      if (used.has(name) || !pattern.test(name)) continue;
      if (family.among && !family.among.test(block)) continue;
      const plan = planOf(branch, block, numbers);
      const branches = found.get(block) ?? new Map<string, Found>();
      found.set(block, branches);
      if (isWhole(plan, shapes, branch.kernel) && !branches.has(plan.source))
        branches.set(plan.source, { plan, common: branch.common ?? false });
    }
  }
  return [...found].flatMap(([block, branches]) => asBlock(family, block, [...branches.values()], shapes));
}

function asBlock(
  family: CheckpointFamily,
  name: string,
  found: readonly Found[],
  shapes: ReadonlyMap<string, readonly number[]>,
): BlockPlan[] {
  if (!found.some(({ common }) => !common)) return [];
  const closing = family.closing === undefined ? undefined : joined(name, family.closing);
  if (closing !== undefined && !shapes.has(`${closing}.running_mean`)) return [];
  const implied = family.branches.flatMap((branch) =>
    branch.implied ? [{ ...planOf(branch, name, []), implied: branch.implied }] : [],
  );
  const plan = { name, family, branches: [...found.map((branch) => branch.plan), ...implied] };
  // A name that other families have too says nothing of a block that lacks what all of this one have.
  const shared = closing !== undefined || implied.length > 0 || family.among !== undefined;
  if (shared && lacking(plan) !== undefined) return [];
  return [{ ...plan, ...(closing !== undefined && { closing }) }];
}

/** A branch that every block of the family has, and this one does not; undefined where it has all. */
export function lacking({ family, branches }: Pick<BlockPlan, 'family' | 'branches'>): string | undefined {
  const there = branches.map(({ source }) => source);
  if (there.includes(family.deployed)) return undefined;
  return family.always?.find((branch) => !there.includes(branch));
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('.');

/** Matches the tensor that every branch of this form has: captures the block's name and the branch's numbers. */
function patternOf({ stem, layers }: FamilyBranch): RegExp {
  const [layer, tensor] = telling(layers);
  const escaped = joined(stem, layer, tensor)
    .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('#', '(\\d+)');
  return new RegExp(`^(?:(.+)\\.)?${escaped}$`);
}

/** The last batch-norm of a branch tells it apart; where it has none, its last convolution. */
function telling(layers: readonly FamilyLayer[]): readonly [layer: string, tensor: string] {
  const last = layers.findLast(isNorm) ?? layers.findLast(isConvolution);
  if (last === undefined) return ['', ''];
  if ('norm' in last) return [last.norm, 'running_mean'];
  return [last.convolution, last.bare ? '' : 'weight'];
}

const isNorm = (layer: FamilyLayer): layer is { readonly norm: string } => layer !== 'average' && 'norm' in layer;

const isConvolution = (layer: FamilyLayer): layer is Extract<FamilyLayer, { convolution: string }> =>
  layer !== 'average' && 'convolution' in layer;

function planOf({ stem, layers }: FamilyBranch, block: string, numbers: readonly (string | undefined)[]): BranchPlan {
  const numbered = (name: string): string => {
    let at = 0;
    return name.replaceAll('#', () => numbers[at++] ?? '');
  };
  // A stem's numbers come first; names within it have theirs when the stem has none.
  const own = numbered(stem);
  const full = (name: string): string => joined(block, own, stem.includes('#') ? name : numbered(name));
  const named = layers.map((layer): LayerPlan => {
    if (layer === 'average') return layer;
    if ('norm' in layer) return { norm: full(layer.norm) };
    if ('filter' in layer) return { filter: full(layer.filter) };
    if ('scale' in layer) return { ...layer, scale: joined(block, layer.scale) };
    if ('shift' in layer) return { shift: joined(block, layer.shift) };
    const { dilation, ...rest } = layer;
    return {
      ...rest,
      convolution: full(layer.convolution),
      ...(dilation !== undefined && { dilation: Number(numbers[dilation]) }),
    };
  });
  const first = layers.find(isConvolution);
  return { source: own || (first ? numbered(first.convolution) : ''), layers: named };
}

function isWhole(
  { layers }: BranchPlan,
  shapes: ReadonlyMap<string, readonly number[]>,
  kernel: number | undefined,
): boolean {
  return layers.every((layer) => {
    if (layer === 'average') return true;
    if ('norm' in layer) return shapes.has(`${layer.norm}.running_mean`);
    if ('filter' in layer) return shapes.has(layer.filter);
    if ('scale' in layer) return shapes.has(layer.scale);
    if ('shift' in layer) return shapes.has(layer.shift);
    const shape = shapes.get(kernelOf(layer));
    return shape !== undefined && (kernel === undefined || (shape[2] === kernel && shape[3] === kernel));
  });
}

/** Names of all tensors that its branches may have. */
export const tensorsOf = ({ branches, closing }: Pick<BlockPlan, 'branches' | 'closing'>): string[] => [
  ...branches.flatMap(({ layers }) => layers).flatMap(layerTensors),
  ...(closing === undefined ? [] : layerTensors({ norm: closing })),
];

function layerTensors(layer: LayerPlan): string[] {
  if (layer === 'average') return [];
  if ('norm' in layer) return NORM_TENSORS.map((tensor) => `${layer.norm}.${tensor}`);
  if ('filter' in layer) return [layer.filter];
  if ('scale' in layer) return [layer.scale];
  if ('shift' in layer) return [layer.shift];
  return layer.bare ? [layer.convolution] : [`${layer.convolution}.weight`, `${layer.convolution}.bias`];
}
