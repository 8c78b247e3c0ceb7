import { budgetInWords } from '../../../reparam/network/gate-budget.js';
import type { Report } from './report.js';
import { type GateReport, movement, type SearchReport } from './search.js';
import { caption, type Table, tablesOf } from './tables.js';

export function markdown(report: Report): string {
  const tables = tablesOf(report).map(
    (table) => `## ${escaped(table.title)}\n\n${rows(table, report)}\n${escaped(table.note)}\n`,
  );
  return [`# ${escaped(report.comparison)}\n\n${escaped(caption(report))}\n`, ...tables, ...searches(report)].join(
    '\n',
  );
}

const SEARCH_NOTE =
  'Layers from the input downwards. Share of the steps before the architecture was decided in which the gate was active, on average over the seeds; for strategies that rank, then its mean place in the ranking after the first epoch and after the last, 1 the highest. report.json has every seed and epoch.';

/** How often each gate was sampled and how its rank moved, layers by ops. */
function searches({ entrants }: Report): string[] {
  const tables = entrants.flatMap(({ entrant, search }) =>
    search ? [`### ${escaped(entrant)}: keeps ${budgetInWords(search, search.total)}\n\n${gateTable(search)}\n`] : [],
  );
  return tables.length === 0 ? [] : [`## The search\n\n${SEARCH_NOTE}\n`, ...tables];
}

function gateTable({ gates }: SearchReport): string {
  const ops = [...new Set(gates.map(({ branch }) => branch))];
  const blocks = [...new Set(gates.map(({ block }) => block))];
  return table(
    ['block', ...ops],
    blocks.map((block) => [
      block,
      ...ops.map((op) => {
        const gate = gates.find((one) => one.block === block && one.branch === op);
        return gate ? gateCell(gate) : '';
      }),
    ]),
  );
}

function gateCell(gate: GateReport): string {
  const moved = movement(gate)?.map((place) => Number(place.toFixed(1)));
  const share = `${Math.round(100 * gate.share.mean)} %`;
  return moved ? `${share}, ${moved.join(' → ')}` : share;
}

const rows = ({ columns, rows: own }: Table, { entrants }: Report): string =>
  table(
    columns.map(({ title }) => title),
    (own ?? entrants).map((entrant) => columns.map(({ cell }) => cell(entrant))),
  );

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |\n`;
  const rule = `| ${head.map((_, at) => (at === 0 ? '---' : '--:')).join(' | ')} |\n`;
  return [line(head), rule, ...body.map(line)].join('');
}

/** Names and messages of others as text: no markup of theirs, no HTML, no line of its own. */
const escaped = (cell: string): string =>
  cell
    .replaceAll(/\s*[\r\n\u0085\u2028\u2029]\s*/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/([\\`*_[\]|])/g, '\\$1');
