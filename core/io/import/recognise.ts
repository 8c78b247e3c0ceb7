import { type BranchNames, type LayerNames, type Scheme, SCHEMES } from './scheme.js';

/** A block as found by its tensors' names. */
export interface BlockPlan {
  /** Before the branches' own names; empty where the block is all there is. */
  readonly name: string;
  readonly scheme: Scheme;
  readonly branches: readonly BranchPlan[];
}

export interface BranchPlan {
  /** Within the block; its first layer's name where the scheme gives branches none. */
  readonly source: string;
  /** The layers, under the full names of what holds their numbers. */
  readonly layers: readonly LayerNames[];
}

export interface Recognised {
  /** Blocks, and the branches within them, in the order of the file. */
  readonly blocks: readonly BlockPlan[];
  /** Names of the tensors that belong to no block. */
  readonly others: readonly string[];
}

const NORM_TENSORS = ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'];

/** Finds the blocks of known families among the names of a checkpoint's tensors. */
export function recogniseBlocks(names: Iterable<string>, schemes = SCHEMES): Recognised {
  const all = new Set(names);
  const blocks = new Map<string, BlockPlan>();
  for (const scheme of schemes) {
    for (const [name, branches] of findBranches(scheme, all)) {
      if (!blocks.has(name)) blocks.set(name, { name, scheme, branches });
    }
  }
  const used = new Set([...blocks.values()].flatMap(tensorsOf));
  const place = new Map([...all].map((name, index) => [name, index]));
  const first = (branches: readonly BranchPlan[]): number =>
    Math.min(...tensorsOf({ branches }).map((name) => place.get(name) ?? all.size));
  return {
    blocks: [...blocks.values()]
      .map((plan) => ({ ...plan, branches: plan.branches.toSorted((a, b) => first([a]) - first([b])) }))
      .sort((a, b) => first(a.branches) - first(b.branches)),
    others: [...all].filter((name) => !used.has(name)),
  };
}

/** A scheme's branches by the names of their blocks. */
function findBranches(scheme: Scheme, names: ReadonlySet<string>): ReadonlyMap<string, readonly BranchPlan[]> {
  const found = new Map<string, Map<string, { readonly plan: BranchPlan; readonly common: boolean }>>();
  for (const branch of scheme.branches) {
    const pattern = patternOf(branch);
    for (const name of names) {
      const [, block = '', number = ''] = pattern.exec(name) ?? [undefined];
      if (!pattern.test(name)) continue;
      const plan = planOf(branch, block, number);
      const branches = found.get(block) ?? new Map();
      found.set(block, branches);
      if (isWhole(plan, names) && !branches.has(plan.source))
        branches.set(plan.source, { plan, common: branch.common ?? false });
    }
  }
  return new Map(
    [...found].flatMap(([block, branches]) => {
      const list = [...branches.values()];
      return list.some(({ common }) => !common) ? [[block, list.map(({ plan }) => plan)] as const] : [];
    }),
  );
}

/** Matches the tensor that every branch of this form has: captures the block's name and the branch's number. */
function patternOf({ stem, layers }: BranchNames): RegExp {
  const last = layers.at(-1) ?? 'average';
  const [layer, tensor] =
    last === 'average' ? ['', ''] : 'norm' in last ? [last.norm, 'running_mean'] : [last.convolution, 'weight'];
  const path = [stem, layer, tensor].filter((part) => part !== '').join('.');
  const escaped = path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replace('#', '(\\d+)');
  return new RegExp(`^(?:(.+)\\.)?${escaped}$`);
}

function planOf({ stem, layers }: BranchNames, block: string, number: string): BranchPlan {
  const own = stem.replace('#', number);
  const full = (name: string): string => [block, own, name].filter((part) => part !== '').join('.');
  const named = layers.map((layer): LayerNames => {
    if (layer === 'average') return layer;
    return 'norm' in layer ? { norm: full(layer.norm) } : { ...layer, convolution: full(layer.convolution) };
  });
  const [first] = layers;
  const alone = first && first !== 'average' && 'convolution' in first ? first.convolution : '';
  return { source: own || alone, layers: named };
}

const isWhole = ({ layers }: BranchPlan, names: ReadonlySet<string>): boolean =>
  layers.every(
    (layer) =>
      layer === 'average' || names.has('norm' in layer ? `${layer.norm}.running_mean` : `${layer.convolution}.weight`),
  );

/** Names of all tensors that its branches may have. */
export const tensorsOf = ({ branches }: Pick<BlockPlan, 'branches'>): string[] =>
  branches
    .flatMap(({ layers }) => layers)
    .flatMap((layer) => {
      if (layer === 'average') return [];
      if ('norm' in layer) return NORM_TENSORS.map((tensor) => `${layer.norm}.${tensor}`);
      return [`${layer.convolution}.weight`, `${layer.convolution}.bias`];
    });
