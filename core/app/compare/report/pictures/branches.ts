import type { EntrantDescription } from '../../description.js';
import type { EntrantReport } from '../report.js';
import { grid } from './grid.js';

/** Which branches an entrant has in the end, and in how many of its seeds. Nothing where no trial came to an end. */
export function branches(
  { entrant, kept, accuracy }: EntrantReport,
  { spaces }: EntrantDescription,
  { ops, colours }: { ops: readonly string[]; colours: ReadonlyMap<string, string> },
): string | undefined {
  const n = accuracy?.n ?? 0;
  if (n === 0) return undefined;
  const cells = spaces.flatMap(({ block, branches: all }) =>
    all.map((op) => {
      const count = kept[block]?.[op] ?? 0;
      return {
        block,
        op,
        share: count / n,
        colour: colours.get(op) as string,
        // Where all seeds agree the picture says it.
        text: count === 0 || count === n ? '' : `${count}`,
        title: `${block}, ${op}: kept in ${count} of ${n} ${n === 1 ? 'seed' : 'seeds'}`,
      };
    }),
  );
  const mean = (op: string): number => cells.reduce((sum, cell) => sum + (cell.op === op ? cell.share : 0), 0);
  return grid(cells, {
    label: `branches of ${entrant} by layer and op`,
    blocks: spaces.map(({ block }) => block),
    ops,
    sums: new Map(ops.map((op) => [op, mean(op).toFixed(1).replace('.0', '')])),
  });
}
