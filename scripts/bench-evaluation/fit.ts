import type { KernelCosts, Work, WorkKind } from '../../core/engine/index.js';

const KINDS: readonly WorkKind[] = ['forward', 'input', 'kernel', 'product', 'values', 'calls'];

/**
 * Costs, none below zero, that explain measured times best: least squares of relative errors by coordinate descent. Times in
 * milliseconds, costs in nanoseconds.
 */
export function fitCosts(samples: readonly { readonly work: Work; readonly milliseconds: number }[]): KernelCosts {
  const rows = samples.map(({ work, milliseconds }) => KINDS.map((kind) => work[kind] / (milliseconds * 1e6)));
  const costs = KINDS.map(() => 0);
  for (let turn = 0; turn < 20_000; turn++) {
    for (const kind of KINDS.keys()) {
      let [product, square] = [0, 0];
      for (const row of rows) {
        const own = row[kind] ?? 0;
        const others = row.reduce((sum, amount, at) => sum + (at === kind ? 0 : amount * (costs[at] ?? 0)), 0);
        product += own * (1 - others);
        square += own * own;
      }
      costs[kind] = square > 0 ? Math.max(0, product / square) : 0;
    }
  }
  return Object.fromEntries(KINDS.map((kind, at) => [kind, costs[at]])) as unknown as KernelCosts;
}
