import type { BlockPass } from './block-pass.js';

/** Names blocks, their branches with what these train, and sizes; the same arrays of names are numbered once. */
export function passKeys(): (pass: BlockPass) => string {
  const numbers = new WeakMap<readonly string[], number>();
  let count = 0;
  const numberOf = (names: readonly string[]): number => {
    let number = numbers.get(names);
    if (number === undefined) {
      number = count++;
      numbers.set(names, number);
    }
    return number;
  };
  return ({ node, branches, x, padStatistics }) =>
    `${node.name} ${x.shape} ${padStatistics} ${branches.map((branch) => numberOf(branch.trained()))}`;
}
