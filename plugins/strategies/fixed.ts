import { z } from 'zod';
import {
  type Architecture,
  type BlockGeometry,
  type BlockSpace,
  defineStrategy,
  type Named,
  type Strategy,
  type StrategyContext,
  type StrategySession,
} from '../../core/contracts/index.js';
import { maskOf } from './architecture.js';
import { onePhase } from './phases.js';

/** What an architecture that is decided before the first step needs of a session. */
export function fixedSession(architecture: Architecture, { gates }: StrategyContext): StrategySession {
  const mask = maskOf(architecture, gates);
  return {
    select: () => ({ mask }),
    beforePhase: async () => architecture,
    architecture: () => architecture,
    save: () => ({ arrays: {}, values: {} }),
    restore: () => undefined,
  };
}

/**
 * The listed branch ops in every block, as far as the search space offers them and they exist there.
 * @throws Error when a block would have none.
 */
export function fixedArchitecture(
  spaces: readonly BlockSpace[],
  wanted: readonly string[],
  strategy: string,
): Architecture {
  return Object.fromEntries(
    spaces.map(({ block, branches }) => {
      const kept = branches.filter((branch) => wanted.includes(branch));
      if (kept.length === 0) {
        throw new Error(
          `strategy ${strategy} wants ${wanted.join(', ')}; block ${block} has only ${branches.join(', ')}: add them to searchSpace.branches`,
        );
      }
      return [block, kept];
    }),
  );
}

/** The branch ops of a block: the same everywhere, or those that its convolution asks for. */
export type BlockBranches = readonly string[] | ((block: BlockGeometry) => readonly string[]);

/** The architecture that gives every block these branch ops, as far as they exist there. @throws Error when a block would have none. */
export function blockByBlock(
  { spaces, blocks }: Pick<StrategyContext, 'spaces' | 'blocks'>,
  branches: BlockBranches,
  strategy: string,
): Architecture {
  const wanted = (at: number) => (typeof branches === 'function' ? branches(blocks[at] as BlockGeometry) : branches);
  return Object.assign({}, ...spaces.map((space, at) => fixedArchitecture([space], wanted(at), strategy)));
}

const none = z.strictObject({});

/** A strategy that keeps the same branch ops in every block, or those that a block's convolution asks for. */
export function fixedStrategy<const Name extends string>(
  name: Name,
  summary: string,
  branches: BlockBranches,
): Named<Strategy<z.output<typeof none>>, Name, typeof none> {
  return defineStrategy({
    name,
    summary,
    options: none,
    usesImportance: false,
    usesBudget: false,
    phases: onePhase,
    start: (context) => fixedSession(blockByBlock(context, branches, name), context),
  });
}

const identityOption = z.strictObject({
  identity: z.boolean().default(false).describe('an identity branch besides, where input and output have one shape'),
});

/**
 * A fixed strategy that can take an identity branch besides. In networks without shortcuts blocks train slower without one, as
 * DBB's authors say of their block in place of RepVGG's.
 */
export function fixedStrategyWithIdentity<const Name extends string>(
  name: Name,
  summary: string,
  branches: BlockBranches,
): Named<Strategy<z.output<typeof identityOption>>, Name, typeof identityOption> {
  return defineStrategy({
    name,
    summary,
    options: identityOption,
    usesImportance: false,
    usesBudget: false,
    phases: onePhase,
    start: (context, { identity }) => {
      const own = typeof branches === 'function' ? branches : () => branches;
      const wanted: BlockBranches = (block) => (identity ? [...own(block), 'identity'] : own(block));
      return fixedSession(blockByBlock(context, wanted, name), context);
    },
  });
}
