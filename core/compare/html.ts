import { caption, columnsOf } from './words.js';
import type { Report } from './report.js';

const STYLE = `
:root { color-scheme: light; font-family: system-ui, sans-serif; line-height: 1.45; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; color: #1b1b1f; background: #fff; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: 1rem; padding: 0; }
section.entrant { border: 1px solid #d5d5dd; border-radius: .5rem; padding: .75rem; min-width: 0; }
section.entrant h3 { margin: 0 0 .5rem; font-size: 1rem; overflow-wrap: anywhere; }
section.entrant table { width: 100%; border-collapse: collapse; font-size: .85rem; }
section.entrant td { padding: .1rem 0; vertical-align: top; overflow-wrap: anywhere; }
section.entrant td:last-child { text-align: right; font-variant-numeric: tabular-nums; padding-left: .5rem; }
figure { margin: 0; }
svg { max-width: 100%; height: auto; }
`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The report as one page that needs nothing else: a card for each entrant, then the pictures. */
export function html(report: Report, pictures: readonly (readonly [heading: string, svg: string])[]): string {
  const used = columnsOf(report).slice(1);
  const cards = report.entrants.map((entrant) => {
    const rows = used
      .map(({ title, cell }) => [title, cell(entrant)] as const)
      .filter(([, text]) => text !== '')
      .map(([title, text]) => `<tr><td>${escaped(title)}</td><td>${escaped(text)}</td></tr>`);
    return `<section class="entrant"><h3>${escaped(entrant.entrant)}</h3><table>${rows.join('')}</table></section>`;
  });
  const figures = pictures.map(([heading, svg]) => `<h2>${escape(heading)}</h2><figure>${svg}</figure>`);
  const title = escaped(report.comparison);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head>
<body><h1>${title}</h1><p>${escaped(caption(report))}</p><dl>${cards.join('')}</dl>${figures.join('')}</body></html>
`;
}
