import { percent } from '../compare/report/format.js';
import { type Html, escaped, markup } from '../compare/report/markup.js';
import { progressCell, span, stateCell } from './layout.js';
import type { Summary } from './summary.js';

// The first page: every run and comparison below the folders, found by words, filtered by state and sorted by a column, all of which
// stand in the page's address.

const COLUMNS = {
  name: { title: 'name', key: ({ name }: Summary) => name },
  state: { title: 'state', key: ({ state }: Summary) => ['running', 'stopped', 'done'].indexOf(state) },
  progress: { title: 'progress', key: ({ progress }: Summary) => -progress },
  accuracy: { title: 'accuracy, %', key: ({ accuracy = 0 }: Summary) => -accuracy },
  changed: { title: 'last change', key: ({ changed }: Summary) => -changed },
} as const;

type Sort = keyof typeof COLUMNS;

/** Words, state and sort order that the list page's address asks for. */
export interface ListQuery {
  readonly words: string;
  readonly state: string;
  readonly sort: Sort;
}

/** Parses the query of the list page's address. */
export const listQuery = (query: Readonly<Record<string, string | undefined>>): ListQuery => ({
  words: query['words'] ?? '',
  state: query['state'] ?? '',
  sort: query['sort'] !== undefined && query['sort'] in COLUMNS ? (query['sort'] as Sort) : 'changed',
});

/** Lines on the page; further ones are found by words. */
const MOST = 500;

export function listPage(summaries: readonly Summary[], { words, state, sort }: ListQuery, now: number): Html {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = summaries
    .filter((one) => state === '' || one.state === state)
    .filter((one) => {
      const text = [one.name, one.what, one.dataset, one.backbone, one.engine].join(' ').toLowerCase();
      return wanted.every((word) => text.includes(word));
    })
    .sort((a, b) => {
      const [x, y] = [COLUMNS[sort].key(a), COLUMNS[sort].key(b)];
      return x < y ? -1 : x > y ? 1 : 0;
    });
  const rows = shown.slice(0, MOST).map((one) => row(one, now));
  const option = (value: string, text: string, chosen: string): Html =>
    markup`<option value="${escaped(value)}"${escaped(value === chosen ? ' selected' : '')}>${escaped(text)}</option>`;
  return markup`<header><h1>Runs</h1></header>
<form class="filter" method="get" role="search">
<label for="words">search<input id="words" name="words" type="search" value="${escaped(words)}"></label>
<label for="state">state<select id="state" name="state">${['', 'running', 'stopped', 'done'].map((one) => option(one, one || 'all', state))}</select></label>
<label for="sort">sorted by<select id="sort" name="sort">${Object.entries(COLUMNS).map(([name, { title }]) => option(name, title, sort))}</select></label>
<noscript><button>show</button></noscript>
</form>
<p class="note">${escaped(`${shown.length} of ${summaries.length}${shown.length > MOST ? `; the first ${MOST} are shown` : ''}`)}</p>
<table><thead><tr><th scope="col">name</th><th scope="col">state</th><th scope="col">progress</th><th scope="col">time left</th><th scope="col">accuracy, %</th><th scope="col">engine</th><th scope="col">last change</th><th scope="col">what</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function row(one: Summary, now: number): Html {
  const { id, kind, name, state, progress, secondsLeft, accuracy, engine, changed } = one;
  const what = [one.what, one.backbone, one.dataset].filter(Boolean).join(' · ');
  const ago = changed > 0 ? `${span(Math.max(0, now - changed) / 1000)} ago` : '';
  return markup`<tr><td><span><a href="/${escaped(kind)}/${escaped(id)}">${escaped(name)}</a></span></td><td data-title="state">${stateCell(state)}</td><td data-title="progress">${progressCell(progress)}</td><td data-title="time left">${escaped(secondsLeft === undefined ? '' : span(secondsLeft))}</td><td data-title="accuracy, %">${escaped(accuracy === undefined ? '' : percent(accuracy))}</td><td data-title="engine">${escaped(engine)}</td><td data-title="last change">${escaped(ago)}</td><td data-title="what">${escaped(what)}</td></tr>`;
}
