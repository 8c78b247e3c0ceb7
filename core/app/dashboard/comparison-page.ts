import { sections } from '../compare/report/html.js';
import { type Html, escaped, markup } from '../compare/report/markup.js';
import { note } from '../compare/report/sections/pieces.js';
import { caption, type Table, tablesOf } from '../compare/report/tables.js';
import { readComparison } from '../compare/report/read.js';
import type { ReportSource } from '../compare/report/page.js';
import type { Report } from '../compare/report/report.js';
import { progressCell, stateCell } from './layout.js';
import type { Summary } from './summary.js';

// A comparison as far as it is: the report's own tables and pictures, and the state of every trial. It is read again once a trial has
// ended.

/** Comparisons that were read, each until its records change. */
export class Comparisons {
  readonly #kept = new Map<string, { readonly stamp: string; readonly source: ReportSource }>();

  /** @throws FileError if the folder is not, or no longer, a comparison's. */
  read(path: string, stamp: string): ReportSource {
    const before = this.#kept.get(path);
    if (before?.stamp === stamp) return before.source;
    const source = readComparison(path);
    this.#kept.set(path, { stamp, source });
    return source;
  }
}

export function comparisonPage(summary: Summary, trials: readonly Summary[], source: ReportSource): Html {
  const { id } = summary;
  const rows = trials.map(
    (trial) =>
      markup`<tr><td><span><a href="/run/${escaped(trial.id)}">${escaped(trial.name.split('/').at(-1) ?? trial.name)}</a></span></td><td data-title="state">${stateCell(trial.state)}</td><td data-title="progress">${progressCell(trial.progress)}</td></tr>`,
  );
  const downloads = tablesOf(source.report).map(
    ({ title }, at) =>
      markup`<li>${escaped(title)}: <a href="/table/${escaped(id)}/${at}.csv" download>CSV</a>, <a href="/table/${escaped(id)}/${at}.tex" download>LaTeX</a></li>`,
  );
  return markup`<header><h1>${escaped(summary.name)}</h1><p class="note">${escaped(caption(source.report))}</p></header>
<dl><dt>state</dt><dd>${stateCell(summary.state)}</dd><dt>trials</dt><dd>${progressCell(summary.progress)}</dd></dl>
<details id="trials"><summary>Trials by state</summary><table><thead><tr><th scope="col">trial</th><th scope="col">state</th><th scope="col">progress</th></tr></thead><tbody>${rows}</tbody></table></details>
${source.report.trials.done > 0 ? sections(source) : note('No trial has ended yet.')}
<section><h2>Tables to take away</h2><ul>${downloads}</ul></section>`;
}

const cells = ({ columns, rows }: Table, { entrants }: Report): string[][] => [
  columns.map(({ title }) => title),
  ...(rows ?? entrants).map((entrant) => columns.map(({ cell }) => cell(entrant))),
];

/** A table as CSV. Cells that a spreadsheet would take for a formula begin with an apostrophe. */
export const tableCsv = (table: Table, report: Report): string =>
  `${cells(table, report)
    .map((line) => line.map((cell) => `"${cell.replace(/^[=+@\t\r-]/, "'$&").replaceAll('"', '""')}"`).join())
    .join('\r\n')}\r\n`;

const TEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '±': '$\\pm$',
  '−': '$-$',
  '×': '$\\times$',
};

const tex = (text: string): string =>
  text.replaceAll(/[\\~^±−×&%$#_{}]/g, (character) => TEX[character] ?? `\\${character}`).replaceAll(/\s+/g, ' ');

/** A table for LaTeX with the package booktabs. */
export function tableTex(table: Table, report: Report): string {
  const [head = [], ...body] = cells(table, report).map((line) => `${line.map(tex).join(' & ')} \\\\`);
  const alignment = table.columns.map((_, at) => (at === 0 ? 'l' : 'r')).join('');
  return `\\begin{tabular}{${alignment}}\n\\toprule\n${head}\n\\midrule\n${body.join('\n')}\n\\bottomrule\n\\end{tabular}\n`;
}
