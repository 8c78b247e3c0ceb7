import { percent } from '../compare/report/format.js';
import { span } from '../dashboard/layout.js';
import type { Summary } from '../dashboard/summary.js';

/** Lists runs and comparisons as a table for people; trials stand below their comparison. */
export function inWords(summaries: readonly Summary[]): string {
  if (summaries.length === 0) return 'no run and no comparison was found';
  const rows = summaries.map(({ name, within, state, progress, accuracy, secondsLeft, engine }) => [
    within === undefined ? name : `  ${name.split('/').at(-1)}`,
    state,
    `${Math.floor(100 * progress)} %`,
    secondsLeft === undefined ? '' : span(secondsLeft),
    accuracy === undefined ? '' : percent(accuracy),
    engine,
  ]);
  const table = [['name', 'state', 'progress', 'time left', 'accuracy, %', 'engine'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
