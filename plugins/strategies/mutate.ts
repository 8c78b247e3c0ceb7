import type { BlockSpace, Gate, RandomStream } from '../../core/contracts/index.js';

/**
 * A copy of a mask in which one gate that was kept makes way for one that was not, both drawn at random: as many gates are
 * kept as before, and no block is left empty. Without such an exchange the mask stays as it is.
 */
export function mutate(
  mask: Uint8Array,
  { gates, spaces }: { readonly gates: readonly Gate[]; readonly spaces: readonly BlockSpace[] },
  random: RandomStream,
): Uint8Array {
  const blockOf = (gate: number): string => (gates[gate] as Gate).block;
  const branches = new Map(spaces.map(({ block, always }) => [block, always.length]));
  for (const [gate, kept] of mask.entries()) branches.set(blockOf(gate), (branches.get(blockOf(gate)) ?? 0) + kept);
  const child = mask.slice();
  for (const added of random.permutation(mask.length)) {
    if (mask[added]) continue;
    const spare = [...mask.keys()].filter(
      (gate) => mask[gate] && (blockOf(gate) === blockOf(added) || (branches.get(blockOf(gate)) ?? 0) > 1),
    );
    if (spare.length === 0) continue;
    child[added] = 1;
    child[spare[random.integer(spare.length)] as number] = 0;
    return child;
  }
  return child;
}
