import { type Html, escaped, markup, trusted } from '../compare/report/markup.js';
import { STYLE } from '../compare/report/style.js';
import type { LifeState } from './summary.js';

// Shared by all pages of the dashboard: the frame around them, their style, and the script that asks for a page again when the
// server says that it has changed. Pages are made on the server; without the script they can still be read and reloaded.

const OWN_STYLE = trusted(`
body > nav { display: flex; gap: 1rem; align-items: baseline; margin-bottom: 1rem; }
body > nav a:first-child { font-weight: 600; }
a { color: #1864ab; text-underline-offset: .15em; }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible { outline: 3px solid #4dabf7; outline-offset: 2px; }
form.filter { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: 0 0 1rem; }
form.filter label { display: grid; gap: .15rem; font-size: .82rem; color: var(--soft); }
input, select, button { font: inherit; padding: .3rem .5rem; border: 1px solid #adb5bd; border-radius: .3rem; background: inherit; color: inherit; }
button { cursor: pointer; }
progress { width: 6rem; vertical-align: middle; accent-color: #1864ab; }
.state-running { color: #2b8a3e; font-weight: 600; }
.state-stopped { color: #c92a2a; }
.lost { position: sticky; top: 0; padding: .5rem .75rem; border-left: 4px solid #e67700; background: #fff9db; color: #212529; }
.lost[hidden] { display: none; }
figure { background: #fff; color: #212529; border-radius: .4rem; padding: .5rem; }
figure a { color: #1864ab; } figure button { background: #fff; color: #212529; }
figcaption { display: flex; gap: .75rem; align-items: center; font-size: .87rem; padding: .25rem 0 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0; }
dt { color: var(--soft); } dd { margin: 0; font-variant-numeric: tabular-nums; }
ul.warnings { padding-left: 1.1rem; }
td.diff { background: #fff3bf; color: #212529; }
@media (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --ink: #e9ecef; --soft: #adb5bd; --line: #495057; --pale: #2b3035; }
  body { background: #1a1d20; }
  a { color: #74c0fc; }
  .state-running { color: #69db7c; } .state-stopped { color: #ff8787; }
  .failures { background: #3b1f1f; }
  td { border-color: #343a40; }
}
`);

export const PAGE_STYLE: string = `${STYLE}\n${OWN_STYLE}`;

/** Asks for the page again when the server says so, and keeps what people were doing: focus, selection, opened details. */
export const SCRIPT = `'use strict';
const main = document.querySelector('main');
const lost = document.querySelector('.lost');
let asking = false;
async function refresh(address) {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(address ?? location.href, { headers: { 'x-part': 'main' } });
    const text = await answer.text();
    const focus = document.activeElement?.id;
    const at = document.activeElement?.selectionStart;
    const open = new Set([...main.querySelectorAll('details[open]')].map(({ id }) => id));
    main.innerHTML = text;
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    const element = focus ? document.getElementById(focus) : null;
    element?.focus({ preventScroll: true });
    if (typeof at === 'number') element?.setSelectionRange?.(at, at);
    lost.hidden = answer.ok;
  } catch {
    lost.hidden = false;
  } finally {
    asking = false;
  }
}
const source = new EventSource('/changes?of=' + encodeURIComponent(location.pathname + location.search));
source.onmessage = () => refresh();
source.onerror = () => { lost.hidden = false; };
source.onopen = () => { lost.hidden = true; };
let waiting;
document.addEventListener('input', ({ target }) => {
  const form = target.closest('form.filter');
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const kept = [...new FormData(form)].filter(([, value]) => value !== '');
    history.replaceState(null, '', location.pathname + (kept.length ? '?' + new URLSearchParams(kept) : ''));
    refresh();
  }, 150);
});
document.addEventListener('click', async ({ target }) => {
  const button = target.closest('button[data-png]');
  if (!button) return;
  const picture = await fetch(button.dataset.png).then((answer) => answer.text());
  const image = new Image();
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(picture);
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = 2 * image.width;
  canvas.height = 2 * image.height;
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const link = document.createElement('a');
  link.href = canvas.toDataURL('image/png');
  link.download = button.dataset.name + '.png';
  link.click();
});
`;

/** A whole page around its main part. */
export const page = (title: string, main: Html): Html => markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · repnas</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
<script src="/script.js" defer></script>
</head>
<body>
<nav aria-label="pages"><a href="/">repnas</a><a href="/">all runs</a></nav>
<p class="lost" role="status" hidden>The dashboard does not answer; what you see is from before.</p>
<main>${main}</main>
</body>
</html>
`;

/** A figure with its downloads. */
export const figure = (name: string, svg: string, address: string): Html =>
  markup`<figure>${trusted(svg)}<figcaption><a href="${escaped(address)}" download="${escaped(name)}.svg">SVG</a><button type="button" data-png="${escaped(address)}" data-name="${escaped(name)}">PNG</button></figcaption></figure>`;

export const stateCell = (state: LifeState): Html =>
  markup`<span class="state-${escaped(state)}">${escaped(state)}</span>`;

export const progressCell = (part: number): Html =>
  markup`<progress max="1" value="${escaped(part.toFixed(4))}">${Math.round(100 * part)} %</progress> ${Math.floor(100 * part)} %`;

/** A time span in words as short as it can be read: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. */
export function span(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
