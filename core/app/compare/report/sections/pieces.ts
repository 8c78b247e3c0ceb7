import { type Html, escaped, markup, trusted } from '../markup.js';

/** Pixels of a wide picture that takes half of the page, and of one on a narrow screen. */
const WIDE = 560;
const NARROW = 356;

/** A picture drawn twice, so that its letters are as large on a narrow screen as on a wide one. */
export function responsive(drawn: (width: number) => string | undefined): Html {
  const [wide, narrow] = [drawn(WIDE), drawn(NARROW)];
  if (wide === undefined || narrow === undefined) return markup``;
  return markup`<figure><div class="wide">${trusted(wide)}</div><div class="narrow">${trusted(narrow)}</div></figure>`;
}

/** A picture that is narrow enough for every screen. */
export const small = (drawn: (width: number) => string): Html => markup`<figure>${trusted(drawn(NARROW))}</figure>`;

export const chip = (colour: string | undefined): Html =>
  markup`<span class="chip" style="background:${escaped(colour ?? 'none')}"></span>`;

export const legend = (colours: ReadonlyMap<string, string>): Html =>
  markup`<ul class="legend">${[...colours].map(([name, colour]) => markup`<li>${chip(colour)}${escaped(name)}</li>`)}</ul>`;

export const note = (text: string): Html => markup`<p class="note">${escaped(text)}</p>`;
