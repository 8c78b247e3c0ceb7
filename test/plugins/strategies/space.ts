import type { BlockSpace, Gate } from '../../../core/contracts/index.js';

/** Blocks with the given numbers of gates, `a0`, `a1` … each; a negative one has a branch besides that is always kept. */
export function spaceOf(sizes: readonly number[]): { readonly spaces: BlockSpace[]; readonly gates: Gate[] } {
  const spaces = sizes.map((size, index): BlockSpace => {
    const own = Array.from({ length: Math.abs(size) }, (_, at) => `a${at}`);
    return { block: `block${index}`, branches: size < 0 ? [...own, 'kept'] : own, always: size < 0 ? ['kept'] : [] };
  });
  const gates = spaces.flatMap(({ block, branches, always }) =>
    branches.filter((branch) => !always.includes(branch)).map((branch): Gate => ({ block, branch })),
  );
  return { spaces, gates };
}

/** The costs of gates that are counted. */
export const ones = (gates: readonly Gate[]): Float64Array => new Float64Array(gates.length).fill(1);

/** Gates kept in each block. */
export const keptIn = (mask: Uint8Array, gates: readonly Gate[], spaces: readonly BlockSpace[]): number[] =>
  spaces.map(({ block }) => gates.reduce((sum, gate, at) => sum + (gate.block === block ? (mask[at] ?? 0) : 0), 0));
