import { z } from 'zod';
import type { LoadedConfig } from '../../config/load.js';
import type { BranchOp } from '../../contracts/branch-op.js';
import type { OpenDataset } from '../../contracts/dataset.js';
import type { Chosen } from '../../contracts/part.js';
import type { SearchSpace } from '../../contracts/search-space.js';
import type { Strategy } from '../../contracts/strategy.js';
import type { RunParts } from '../../config/run-parts.js';
import { blockImages, endless, oneBlock } from './one-block.js';
import type { BlockSize, Group, Skipped } from './report.js';

/** One thing to measure: a branch op alone in a block, the branches of a strategy in a block, or in a whole network. */
export interface Subject {
  readonly name: string;
  readonly parts: RunParts;
  readonly dataset: OpenDataset;
}

/** Name of the subject that the others are held against: KxK convolution and batch-norm in every block. */
export const PLAIN = 'plain';

export interface SubjectsPlan {
  readonly loaded: LoadedConfig;
  /** The config's images, open. */
  readonly dataset: OpenDataset;
  readonly block: BlockSize;
  /** Strategies by name; absent: all there are. */
  readonly strategies?: readonly string[] | undefined;
}

/** The subjects of a group, the plain one first, and what is left out of it. */
export function subjectsOf(
  group: Group,
  { loaded, dataset, block, strategies }: SubjectsPlan,
): { readonly subjects: readonly Subject[]; readonly skipped: readonly Skipped[] } {
  const { parts } = loaded;
  const whole = group === 'networks';
  const images = endless(whole ? dataset : blockImages(block));
  const common: RunParts = { ...parts, baseline: undefined, ...(!whole && { backbone: oneBlock(block) }) };
  const single = (name: string, op: Chosen<BranchOp>): Subject => ({
    name,
    parts: { ...common, strategy: everything, searchSpace: only(op), branchOps: new Map([[op.definition.name, op]]) },
    dataset: images,
  });
  const plain = single(PLAIN, parts.plain);
  if (group === 'branch-ops') {
    const ops = branchOps(loaded).map((op) => single(op.definition.name, op));
    // The plain block's op alone is the plain block.
    return { subjects: [plain, ...ops.filter(({ name }) => name !== parts.plain.definition.name)], skipped: [] };
  }
  const { chosen, skipped } = strategiesOf(loaded, strategies);
  const others = chosen.map((strategy) => ({
    name: strategy.definition.name,
    parts: { ...common, strategy },
    dataset: images,
  }));
  return { subjects: [plain, ...others.filter(({ name }) => name !== PLAIN)], skipped };
}

/** Every branch op there is, with the options that the config gives it. */
const branchOps = ({ registry, parts }: LoadedConfig): Chosen<BranchOp>[] =>
  registry
    .parts('branch-op')
    .map(({ part }) => parts.branchOps.get(part.name) ?? { definition: part, options: part.options.parse({}) });

/** Every strategy with its defaults, the config's own with its options; those that cannot do without options are left out. */
function strategiesOf(
  { registry, parts }: LoadedConfig,
  wanted: readonly string[] | undefined,
): { readonly chosen: readonly Chosen<Strategy>[]; readonly skipped: readonly Skipped[] } {
  const chosen: Chosen<Strategy>[] = [];
  const skipped: Skipped[] = [];
  for (const { part } of registry.parts('strategy')) {
    const { name } = part;
    if (wanted && !wanted.includes(name)) continue;
    const options = part.options.safeParse({});
    if (name === parts.strategy.definition.name) chosen.push(parts.strategy);
    else if (options.success) chosen.push({ definition: part, options: options.data });
    else skipped.push({ name, reason: lacking(name, options.error) });
  }
  return { chosen, skipped };
}

/** What a strategy must be told, and where. */
const lacking = (name: string, { issues }: z.ZodError): string =>
  `has options without a default: ${issues.map(({ path, message }) => `${path.join('.')} (${message})`).join(', ')}; give a config whose strategy is ${name}`;

/** Keeps every branch there is, from the first step on. */
const everything: Chosen<Strategy> = {
  definition: {
    name: 'everything',
    summary: 'every branch, always',
    options: z.unknown(),
    usesImportance: false,
    usesBudget: false,
    phases: ({ warmUp, search, frozen }) => [{ name: 'train', epochs: warmUp + search + frozen, searches: false }],
    start: ({ spaces, gates }) => {
      const architecture = Object.fromEntries(spaces.map(({ block, branches }) => [block, branches]));
      return {
        select: () => ({ mask: new Uint8Array(gates.length).fill(1) }),
        beforePhase: async () => architecture,
        architecture: () => architecture,
        save: () => ({ arrays: {}, values: {} }),
        restore: () => undefined,
      };
    },
  },
  options: {},
};

/** A space of one branch op. */
const only = ({ definition: { name } }: Chosen<BranchOp>): Chosen<SearchSpace> => ({
  definition: {
    name: 'one-op',
    summary: 'one branch op',
    options: z.unknown(),
    branchOps: () => [{ name, options: {} }],
    blockSpace: ({ name: block }, exists) => ({ block, branches: [name].filter(exists), always: [] }),
  },
  options: {},
});
