import type {
  Architecture,
  Probe,
  ParameterView,
  StateRecord,
  StrategyContext,
  StrategySession,
} from '../../core/contracts/index.js';
import { maskOf, PLAIN, without } from './architecture.js';
import { fixedArchitecture } from './fixed.js';

export interface AdjustOptions {
  readonly interval: number;
  readonly until: number;
  readonly gamma: number;
  readonly cutBelow: number;
  readonly spread: number;
}

/** Scores plain blocks at every step; between epochs, gives the best one branches and takes weak branches away. */
export function adjustableSession({ spaces, gates }: StrategyContext, options: AdjustOptions): StrategySession {
  let architecture: Architecture = fixedArchitecture(spaces, [PLAIN], 'dyrep');
  let scores = new Float64Array(spaces.length);
  const isPlain = (block: string): boolean => architecture[block]?.length === 1;

  /** Gives every branch that is offered to the plain block with the highest score. */
  const grow = async (probe: Probe): Promise<void> => {
    const candidates = [...spaces.entries()].filter(([, { block, branches }]) => isPlain(block) && branches.length > 1);
    const [first] = candidates.sort(([a], [b]) => (scores[b] as number) - (scores[a] as number) || a - b);
    if (!first) return;
    const { block, branches } = first[1];
    await probe.grow({ [block]: branches.filter((branch) => branch !== PLAIN) }, options.gamma);
    architecture = { ...architecture, [block]: branches };
  };

  /** The branches of a block that stayed small, where its branches differ at all. */
  const weak = (block: string, parameters: ParameterView): string[] => {
    const ratios = scaleRatios(block, architecture[block] ?? [], parameters);
    const mean = ratios.reduce((sum, { ratio }) => sum + ratio, 0) / ratios.length;
    const squares = ratios.reduce((sum, { ratio }) => sum + (ratio - mean) ** 2, 0);
    if (!(Math.sqrt(squares / (ratios.length - 1)) > options.spread)) return [];
    return ratios.filter(({ ratio }) => ratio < mean && ratio < options.cutBelow).map(({ branch }) => branch);
  };

  /** Folds weak branches into the KxK branches of their blocks. */
  const cut = async (probe: Probe): Promise<void> => {
    const cuts = Object.fromEntries(spaces.map(({ block }) => [block, weak(block, probe.parameters)] as const));
    if (Object.values(cuts).every((branches) => branches.length === 0)) return;
    await probe.cut(cuts);
    architecture = without(architecture, cuts);
  };

  return {
    select: () => ({ mask: maskOf(architecture, gates) }),
    beforePhase: async () => architecture,
    learn: (_, { parameters }) => {
      for (const [at, { block }] of spaces.entries()) {
        if (isPlain(block)) scores[at] = (scores[at] as number) + saliency(block, parameters);
      }
    },
    afterEpoch: async ({ epoch }, probe) => {
      const done = epoch + 1;
      if (done > options.until || done % options.interval !== 0) return undefined;
      await grow(probe);
      await cut(probe);
      scores = new Float64Array(spaces.length);
      return architecture;
    },
    architecture: () => architecture,
    save: (): StateRecord => ({ arrays: { scores: scores.slice() }, values: { architecture } }),
    restore: ({ arrays, values }) => {
      const saved = arrays['scores'];
      if (saved?.length !== spaces.length || !values['architecture']) {
        throw new Error(
          `the saved strategy has scores of ${saved?.length ?? 'no'} blocks; expected ${spaces.length}, and its branches: it is of another search`,
        );
      }
      scores = Float64Array.from(saved);
      architecture = values['architecture'] as Architecture;
    },
  };
}

/**
 * Σ gradient · weight of a block's KxK branch: how much the loss depends on it (DyRep, section 3.1). The kernel's own part of
 * the sum is zero, since its batch-norm takes its size off again; what counts is γ and β.
 */
function saliency(block: string, { ofBranch, value, gradient }: ParameterView): number {
  let sum = 0;
  for (const name of ofBranch(block, PLAIN)) {
    const weights = value(name);
    for (const [at, slope] of gradient(name)?.entries() ?? []) sum += slope * (weights[at] as number);
  }
  return sum;
}

/** Mean |γ| of every other branch over that of the KxK branch. */
function scaleRatios(
  block: string,
  branches: readonly string[],
  { value, scaleOf }: ParameterView,
): { readonly branch: string; readonly ratio: number }[] {
  const scale = (branch: string): number => {
    const gamma = value(scaleOf(block, branch));
    return gamma.reduce((sum, factor) => sum + Math.abs(factor), 0) / gamma.length;
  };
  const plain = scale(PLAIN);
  return branches.filter((branch) => branch !== PLAIN).map((branch) => ({ branch, ratio: scale(branch) / plain }));
}
