import type { Architecture, BlockSpace, Gate } from '../../core/contracts/index.js';

/** The branch op that is a block's own convolution: it takes up what other branches are folded into. */
export const PLAIN = 'conv-kxk';

/** The branches a mask leaves in every block, those that are always kept included. */
export function architectureOf(mask: Uint8Array, gates: readonly Gate[], spaces: readonly BlockSpace[]): Architecture {
  const kept = new Set(gates.filter((_, at) => mask[at] === 1).map(({ block, branch }) => `${block}/${branch}`));
  return Object.fromEntries(
    spaces.map(({ block, branches, always }) => [
      block,
      branches.filter((branch) => always.includes(branch) || kept.has(`${block}/${branch}`)),
    ]),
  );
}

/** The mask that an architecture stands for. */
export const maskOf = (architecture: Architecture, gates: readonly Gate[]): Uint8Array =>
  Uint8Array.from(gates, ({ block, branch }) => (architecture[block]?.includes(branch) ? 1 : 0));

/** The architecture with the branches in `cut` left out. */
export const without = (architecture: Architecture, cut: Architecture): Architecture =>
  Object.fromEntries(
    Object.entries(architecture).map(([block, branches]) => [
      block,
      branches.filter((branch) => !cut[block]?.includes(branch)),
    ]),
  );
