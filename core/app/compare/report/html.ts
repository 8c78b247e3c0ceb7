import { accuracySection, costSection, curvesSection, tableSection } from './sections/figures.js';
import { branchesSection, searchSection } from './sections/architectures.js';
import { failures, trialsSection } from './sections/trials.js';
import { type Html, escaped, markup } from './markup.js';
import { coloursOf, opColoursOf } from './palette.js';
import { STYLE } from './style.js';
import { caption, tablesOf } from './tables.js';
import type { Page, ReportSource } from './page.js';

/** The report without its title: failures, tables and pictures. */
export function sections(source: ReportSource): Html {
  const { report, description } = source;
  const ops = [...new Set(description.entrants.flatMap(({ spaces }) => spaces.flatMap(({ branches }) => branches)))];
  const page: Page = {
    ...source,
    colours: coloursOf(report.entrants.map(({ entrant }) => entrant)),
    ops,
    opColours: opColoursOf(ops),
  };
  const [accuracy, ...others] = tablesOf(report);
  const parts: readonly Html[] = [
    ...(accuracy ? [tableSection(page, accuracy, accuracySection(page))] : []),
    curvesSection(page),
    ...others.map((table, at) => tableSection(page, table, at === 0 ? costSection(page) : markup``)),
    branchesSection(page),
    searchSection(page),
    trialsSection(page),
  ];
  return markup`${failures(page)}
${parts}`;
}

/** The report as one page that needs nothing else: no network, no script. */
export function html(source: ReportSource): string {
  const { report } = source;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(report.comparison)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escaped(report.comparison)}</h1><p class="note">${escaped(caption(report))}</p></header>
${sections(source)}
</body>
</html>
`;
}
