import type { Page } from '../page.js';
import { type Html, escaped, markup } from '../markup.js';
import { accuracyAgainstCost } from '../pictures/cost.js';
import { learningCurves } from '../pictures/curves.js';
import { intervals, type Row } from '../pictures/intervals.js';
import type { Table } from '../tables.js';
import { chip, legend, note, responsive, small } from './pieces.js';

/** A table, what it means, and what belongs below it. */
export function tableSection(
  { report, colours }: Page,
  { title, note: text, columns, rows: own }: Table,
  below: Html,
): Html {
  // Reasons of failures are long, and stand at the top of the page.
  const shown = columns.filter((column) => column.title !== 'failed');
  const head = shown.map((column) => markup`<th scope="col">${escaped(column.title)}</th>`);
  const rows = (own ?? report.entrants).map((entrant) => {
    const cells = shown.map((column, at) => {
      const mark = at === 0 ? chip(colours.get(entrant.entrant)) : markup``;
      const content = column.cell(entrant);
      const inner = at === 0 ? markup`<span>${mark}${escaped(content)}</span>` : escaped(content);
      return markup`<td data-title="${escaped(column.title)}">${inner}</td>`;
    });
    return markup`<tr>${cells}</tr>`;
  });
  return markup`<section><h2>${escaped(title)}</h2><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>${note(text)}${below}</section>`;
}

/** Accuracy and the differences to the entrants of reference, as rows of intervals. */
export function accuracySection({ report, colours }: Page): Html {
  const panel = (label: string, rows: readonly Row[], zero: boolean): Html =>
    rows.length === 0
      ? markup``
      : markup`<div class="panel">${small((width) => intervals(rows, { label, colours, width, zero }))}</div>`;
  const accuracy = report.entrants.flatMap(({ entrant, accuracy }) =>
    accuracy ? [{ entrant, estimate: accuracy }] : [],
  );
  const over = (other: string): Row[] =>
    report.entrants.flatMap(({ entrant, over }) => {
      const estimate = over[other];
      return estimate ? [{ entrant, estimate }] : [];
    });
  return markup`<div class="panels">${panel('test accuracy, %', accuracy, false)}${report.against.map((other) => panel(`points over ${other}, paired by seed`, over(other), true))}</div>${note('Dots are means, lines 95 % intervals, rings the seeds.')}`;
}

export function curvesSection({ history, colours }: Page): Html {
  const curve = (images: 'training' | 'test') =>
    responsive((width) =>
      learningCurves(
        history.curves.filter((point) => point.images === images),
        { label: `accuracy on ${images} images, %`, colours, width },
      ),
    );
  if (history.curves.length === 0) return markup``;
  return markup`<section><h2>Learning curves</h2>${legend(colours)}<div class="panels pair"><div class="panel">${curve('training')}</div><div class="panel">${curve('test')}</div></div>${note('Lines are means over the seeds, bands go from the worst to the best seed. Training accuracy is that of the steps of an epoch, on augmented images and, while a search goes on, with the branches sampled in each step; test accuracy begins when the architecture is decided.')}</section>`;
}

export function costSection({ report, colours }: Page): Html {
  const picture = responsive((width) => accuracyAgainstCost(report.entrants, { colours, width }));
  return picture === ''
    ? markup``
    : markup`<h3>Accuracy against training time</h3>${legend(colours)}${picture}${note('Dots are means with 95 % intervals both ways, rings the seeds.')}`;
}
