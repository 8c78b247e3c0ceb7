import { join } from 'node:path';
import { readJson } from '../../io/files/index.js';
import { differences } from '../../run/folder/changes.js';
import { RUN_FILES } from '../../run/folder/layout.js';
import { percent } from '../compare/report/format.js';
import { type Html, escaped, markup, trusted } from '../compare/report/markup.js';
import { coloursOf } from '../compare/report/palette.js';
import { legend } from '../compare/report/sections/pieces.js';
import type { RunFollower } from './follow.js';
import { stateCell } from './layout.js';
import { PICTURES } from './run-pictures.js';
import type { Summary } from './summary.js';

// Two runs side by side: the keys in which their configs differ, and their curves in one picture.

/** One of the two. */
export interface Side {
  readonly summary: Summary;
  readonly follower: RunFollower;
}

export function twoPage(sides: readonly [Side, Side]): Html {
  const configs = sides.map(({ summary }) => configOf(summary.path));
  const changes = differences(configs[0], configs[1]).filter(({ path }) => path !== 'out');
  const named = sides.flatMap(({ summary, follower }) => {
    const [training] = follower.trainings;
    return training ? [{ name: summary.name, training }] : [];
  });
  const pictures = ['loss', 'accuracy', 'learning-rate'].flatMap((name) => {
    const svg = PICTURES[name]?.(named);
    return svg ? [markup`<div class="panel"><figure>${trusted(svg)}</figure></div>`] : [];
  });
  const cell = (value: unknown): Html => escaped(value === undefined ? '' : JSON.stringify(value));
  const both = (of: (side: Side) => Html): Html[] => sides.map((side) => markup`<td>${of(side)}</td>`);
  return markup`<header><h1>Two runs</h1></header>
<table><thead><tr><th scope="col"></th>${sides.map(({ summary }) => markup`<th scope="col"><a href="/run/${escaped(summary.id)}">${escaped(summary.name)}</a></th>`)}</tr></thead><tbody>
<tr><td>state</td>${both(({ summary }) => stateCell(summary.state))}</tr>
<tr><td>accuracy, %</td>${both(({ summary: { accuracy } }) => escaped(accuracy === undefined ? '' : percent(accuracy)))}</tr>
${changes.map(({ path, before, now }) => markup`<tr><td>${escaped(path)}</td><td class="diff">${cell(before)}</td><td class="diff">${cell(now)}</td></tr>`)}
</tbody></table>
<p class="note">${escaped(changes.length === 0 ? 'Their configs are the same.' : 'Below accuracy: the keys of the config in which they differ.')}</p>
${legend(coloursOf(named.map(({ name }) => name)))}<div class="panels pair">${pictures}</div>`;
}

function configOf(path: string): unknown {
  try {
    return (readJson(join(path, RUN_FILES.config)) as { readonly config?: unknown }).config ?? {};
  } catch {
    return {};
  }
}
