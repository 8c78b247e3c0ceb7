import { budgetInWords } from '../../../../reparam/network/gate-budget.js';
import type { EntrantDescription } from '../../description.js';
import type { Page } from '../page.js';
import { type Html, escaped, markup, trusted } from '../markup.js';
import { branches } from '../pictures/branches.js';
import { ranks, sampling } from '../pictures/gates.js';
import { chip, legend, note, small } from './pieces.js';

/** Which branches every entrant has, side by side. */
export function branchesSection({ report, description, ops, opColours, colours }: Page): Html {
  const panels = description.entrants.flatMap((entrant, at) => {
    const own = report.entrants[at];
    const picture = own && branches(own, entrant, { ops, colours: opColours });
    if (!picture) return [];
    const total = entrant.spaces
      .flatMap(({ block }) => Object.values(own.kept[block] ?? {}))
      .reduce((sum, count) => sum + count, 0);
    const kept = total / (own.accuracy?.n ?? 1);
    const text = `${Number.isInteger(kept) ? kept : kept.toFixed(1)} branches`;
    return [
      markup`<div class="panel"><h3>${chip(colours.get(entrant.name))}${escaped(entrant.name)} <small>${escaped(text)}</small></h3><figure>${trusted(picture)}</figure></div>`,
    ];
  });
  if (panels.length === 0) return markup``;
  return markup`<section><h2>Chosen branches</h2>${note('Layers from the input downwards; a column for each branch op. The stronger a cell, the more seeds have the branch; a figure tells in how many where they differ. Pale cells exist and were not chosen, where there is no cell the branch does not exist. Below: blocks with that branch, on average over the seeds.')}<div class="panels">${panels}</div></section>`;
}

/** What the searches did: which gates were sampled, and how their ranks moved. */
export function searchSection(page: Page): Html {
  const parts = page.description.entrants.map((entrant) => searchOf(page, entrant));
  if (parts.every((part) => part === '')) return markup``;
  return markup`<section><h2>The search</h2>${note('Left: in how many steps each gate was active before the architecture was decided, on average over the seeds; the colour is the share of these steps. Beside it, for strategies that rank, each gate’s place after every epoch; gates of equal rank share a place. Strong lines are the gates above the dashed line of the budget at the end.')}${parts}</section>`;
}

function searchOf({ history, report, ops, opColours, colours }: Page, entrant: EntrantDescription): Html {
  const own = history.gates.filter((point) => point.entrant === entrant.name);
  const search = report.entrants.find((one) => one.entrant === entrant.name)?.search;
  if (!search) return markup``;
  const movements = report.seeds.flatMap((seed) => {
    const points = own.filter((point) => point.seed === seed);
    const drawn = (width: number) => ranks(points, entrant, { colours: opColours, width });
    if (!entrant.ranked || drawn(1) === undefined) return [];
    return [
      markup`<div class="panel"><h3><small>ranks, seed ${seed}</small></h3>${small((width) => drawn(width) ?? '')}</div>`,
    ];
  });
  return markup`<h3>${chip(colours.get(entrant.name))}${escaped(entrant.name)} <small>${escaped(`keeps ${budgetInWords(search, search.total)}`)}</small></h3>${movements.length > 0 ? legend(opColours) : markup``}<div class="panels"><div class="panel"><h3><small>steps with the gate active</small></h3><figure>${trusted(sampling(search, entrant, ops))}</figure></div>${movements}</div>`;
}
