import type { Gate, RandomStream } from '../../core/contracts/index.js';
import type { MaskSpace } from './random-mask.js';
import { costOf, within } from './top-mask.js';

/**
 * A copy of a mask in which one gate that was dropped is kept, and as many others make way for it as the budget asks for (one, if
 * it counts gates), all drawn at random. No block is left empty. Without such an exchange the mask stays as it is.
 */
export function mutate(
  mask: Uint8Array,
  { gates, spaces, budget, costs }: MaskSpace,
  random: RandomStream,
): Uint8Array {
  const blockOf = (gate: number): string => (gates[gate] as Gate).block;
  for (const added of random.permutation(mask.length)) {
    if (mask[added]) continue;
    const branches = new Map(spaces.map(({ block, always }) => [block, always.length]));
    const count = (gate: number, by: 1 | -1): void =>
      void branches.set(blockOf(gate), (branches.get(blockOf(gate)) ?? 0) + by);
    const child = mask.slice();
    child[added] = 1;
    for (const [gate, kept] of child.entries()) if (kept) count(gate, 1);
    while (!within(costOf(child, costs), budget)) {
      const spare = [...child.keys()].filter(
        (gate) => child[gate] && gate !== added && costs[gate] !== 0 && (branches.get(blockOf(gate)) ?? 0) > 1,
      );
      if (spare.length === 0) break;
      const dropped = spare[random.integer(spare.length)] as number;
      child[dropped] = 0;
      count(dropped, -1);
    }
    if (within(costOf(child, costs), budget)) return child;
  }
  return mask.slice();
}
