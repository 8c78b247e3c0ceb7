import type { Estimate } from '../../statistics.js';
import { percent, seconds, whole } from '../format.js';
import type { Page } from '../page.js';
import { type Html, escaped, markup } from '../markup.js';
import type { EntrantReport } from '../report.js';
import { chip } from './pieces.js';

/** What failed, at the top of the page. */
export function failures({ report }: Page): Html {
  const all = report.entrants.flatMap(({ entrant, failed }) =>
    failed.map(
      ({ seed, reason }) => markup`<li><b>${escaped(`${entrant}, seed ${seed}`)}</b>: ${escaped(reason)}</li>`,
    ),
  );
  if (all.length === 0) return markup``;
  return markup`<section class="failures"><b>${escaped(all.length === 1 ? 'One trial failed' : `${all.length} trials failed`)}</b>, twice each; the figures below are of the others.<ul>${all}</ul></section>`;
}

const COLUMNS: readonly {
  readonly title: string;
  readonly of: (entrant: EntrantReport) => Estimate | undefined;
  readonly show: (value: number) => string;
}[] = [
  { title: 'accuracy, %', of: ({ accuracy }) => accuracy, show: percent },
  { title: 'training, s', of: ({ trainingSeconds }) => trainingSeconds, show: seconds },
  { title: 'search, s', of: ({ searchSeconds }) => searchSeconds, show: seconds },
  { title: 'peak memory, MiB', of: ({ peakMiB }) => peakMiB, show: whole },
];

/** Every trial on a line of its own. */
export function trialsSection({ report, colours }: Page): Html {
  const used = COLUMNS.filter(({ of }) => report.entrants.some((entrant) => of(entrant)));
  if (used.length === 0) return markup``;
  const rows = report.entrants.flatMap((entrant) =>
    Object.keys(entrant.accuracy?.bySeed ?? {}).map((seed) => {
      const cells = used.map(({ title, of, show }) => {
        const value = of(entrant)?.bySeed[seed];
        return markup`<td data-title="${escaped(title)}">${escaped(value === undefined ? '' : show(value))}</td>`;
      });
      return markup`<tr><td><span>${chip(colours.get(entrant.entrant))}${escaped(entrant.entrant)}, seed ${escaped(seed)}</span></td>${cells}</tr>`;
    }),
  );
  const head = used.map(({ title }) => markup`<th scope="col">${escaped(title)}</th>`);
  return markup`<section><h2>Each trial</h2><table><thead><tr><th scope="col">trial</th>${head}</tr></thead><tbody>${rows}</tbody></table></section>`;
}
