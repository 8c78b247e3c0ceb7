import { z } from 'zod';
import type { LoadedConfig } from '../config/load.js';
import type { BranchOp } from '../contracts/branch-op.js';
import type { OpenDataset } from '../contracts/dataset.js';
import type { Chosen } from '../contracts/part.js';
import type { SearchSpace } from '../contracts/search-space.js';
import type { Strategy } from '../contracts/strategy.js';
import type { RunParts } from '../run/parts.js';
import { blockImages, type BlockSize, endless, oneBlock } from './one-block.js';

/** What is measured together, and held against the plain one among it. */
export const GROUPS = ['branch-ops', 'blocks', 'networks'] as const;

export type Group = (typeof GROUPS)[number];

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

/** The subjects of a group, the plain one first. */
export function subjectsOf(group: Group, { loaded, dataset, block, strategies }: SubjectsPlan): Subject[] {
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
  const others =
    group === 'branch-ops'
      ? branchOps(loaded).map((op) => single(op.definition.name, op))
      : strategiesOf(loaded, strategies).map((strategy) => ({
          name: strategy.definition.name,
          parts: { ...common, strategy },
          dataset: images,
        }));
  // What is the same network under another name: the plain block's op alone, the strategy that is called so.
  const same = [PLAIN, ...(group === 'branch-ops' ? [parts.plain.definition.name] : [])];
  return [plain, ...others.filter(({ name }) => !same.includes(name))];
}

/** Every branch op there is, with the options that the config gives it. */
const branchOps = ({ registry, parts }: LoadedConfig): Chosen<BranchOp>[] =>
  registry
    .parts('branch-op')
    .map(({ part }) => parts.branchOps.get(part.name) ?? { definition: part, options: part.options.parse({}) });

/** Every strategy that needs no options, and the config's own. */
const strategiesOf = ({ registry, parts }: LoadedConfig, wanted: readonly string[] | undefined): Chosen<Strategy>[] =>
  registry.parts('strategy').flatMap(({ part }) => {
    if (wanted && !wanted.includes(part.name)) return [];
    if (part.name === parts.strategy.definition.name) return [parts.strategy];
    const options = part.options.safeParse({});
    return options.success ? [{ definition: part, options: options.data }] : [];
  });

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
