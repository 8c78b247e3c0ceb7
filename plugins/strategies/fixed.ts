import { z } from 'zod';
import {
  type Architecture,
  type BlockGeometry,
  type BlockSpace,
  defineStrategy,
  type EpochPlan,
  type Named,
  type Phase,
  type Strategy,
  type StrategyContext,
  type StrategySession,
} from '../../core/contracts/index.js';
import { maskOf } from './architecture.js';

/** One phase for all epochs: what strategies without a search train for. */
export const onePhase = ({ warmUp, search, frozen }: EpochPlan): Phase[] => [
  { name: 'train', epochs: warmUp + search + frozen, searches: false },
];

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

const options = z.strictObject({});

type Options = z.output<typeof options>;

/** A strategy that keeps the same branch ops in every block, or those that a block's convolution asks for. */
export function fixedStrategy<const Name extends string>(
  name: Name,
  summary: string,
  branches: readonly string[] | ((block: BlockGeometry) => readonly string[]),
): Named<Strategy<Options>, Name, typeof options> {
  return defineStrategy({
    name,
    summary,
    options,
    usesImportance: false,
    usesBudget: false,
    phases: onePhase,
    start: (context) => {
      const { spaces, blocks } = context;
      const wanted = blocks.map((block) => (typeof branches === 'function' ? branches(block) : branches));
      const each = spaces.map((space, index) => fixedArchitecture([space], wanted[index] ?? [], name));
      return fixedSession(Object.assign({}, ...each), context);
    },
  });
}
