import type { Report } from './report.js';
import { caption, type Table, tablesOf } from './tables.js';

export function markdown(report: Report): string {
  const tables = tablesOf(report).map((table) => `## ${table.title}\n\n${rows(table, report)}\n${table.note}\n`);
  return [`# ${report.comparison}\n\n${caption(report)}\n`, ...tables].join('\n');
}

function rows({ columns }: Table, { entrants }: Report): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |\n`;
  const body = entrants.map((entrant) => line(columns.map(({ cell }) => cell(entrant))));
  return (
    line(columns.map(({ title }) => title)) + line(columns.map((_, at) => (at === 0 ? '---' : '--:'))) + body.join('')
  );
}

const escaped = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
