import { trusted } from './markup.js';

/** Below this width tables turn into cards, and wide pictures into narrow ones. */
const NARROW = '760px';

export const STYLE = trusted(`
:root { color-scheme: light; --ink: #212529; --soft: #5c636a; --line: #dee2e6; --pale: #f8f9fa; }
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 74rem; color: var(--ink); background: #fff;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; letter-spacing: -.01em; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 .25rem; display: flex; align-items: center; gap: .4rem; flex-wrap: wrap; }
h3 small { font-weight: normal; color: var(--soft); }
p { margin: .25rem 0 .75rem; max-width: 62rem; }
.note { color: var(--soft); font-size: .87rem; }
.chip { flex: none; display: inline-block; width: .8em; height: .8em; border-radius: 50%; margin-right: .35em; vertical-align: -.05em; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; margin: .5rem 0; padding: 0; font-size: .9rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .5rem 0; }
th, td { padding: .35rem .6rem; text-align: right; vertical-align: baseline; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
th { font-weight: 600; color: var(--soft); font-size: .82rem; line-height: 1.25; vertical-align: bottom; overflow-wrap: break-word; }
td:first-child, th:first-child { text-align: left; }
td:first-child { font-weight: 600; }
td:first-child > span { display: flex; align-items: center; overflow-wrap: break-word; }
td { white-space: nowrap; }
td:first-child, td:last-child { white-space: normal; }
th:nth-child(2):last-child, td:nth-child(2):last-child { text-align: left; }
tbody tr:hover { background: var(--pale); }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 1.5rem 1.25rem; margin: 1rem 0; }
.pair { grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); }
.panel { min-width: 0; }
figure { margin: 0; }
svg { display: block; max-width: 100%; height: auto; }
.narrow { display: none; }
.failures { border-left: 4px solid #c92a2a; background: #fff5f5; padding: .5rem .75rem; }
.failures ul { margin: .25rem 0 0; padding-left: 1.1rem; }
summary { cursor: pointer; font-weight: 600; }
@media (max-width: ${NARROW}) {
  .wide { display: none; }
  .narrow { display: block; }
  table, tbody, tr, td { display: block; width: 100%; }
  thead { display: none; }
  tr { border: 1px solid var(--line); border-radius: .5rem; margin-bottom: .75rem; overflow: hidden; }
  td { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid #f1f3f5; padding: .25rem .75rem; }
  td::before { content: attr(data-title); color: var(--soft); text-align: left; flex: none; max-width: 50%; }
  td:first-child { background: var(--pale); white-space: normal; }
  td:first-child::before, td:empty { display: none; }
}
@media print { body { max-width: none; } h2 { break-after: avoid; } .panel, tr { break-inside: avoid; } }
`);
