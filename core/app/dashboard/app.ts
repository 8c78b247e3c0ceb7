import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { FileError } from '../../io/files/index.js';
import { RUN_FILES } from '../../run/folder/layout.js';
import { type Html, escaped, markup } from '../compare/report/markup.js';
import { tablesOf } from '../compare/report/tables.js';
import { guard } from './access.js';
import { Comparisons, comparisonPage, tableCsv, tableTex } from './comparison-page.js';
import { type Entry, findEntries } from './folders.js';
import { RunFollower } from './follow.js';
import { PAGE_STYLE, page, SCRIPT } from './layout.js';
import { listPage, listQuery } from './list-page.js';
import { runPage, runPicture, seriesCsv } from './run-page.js';
import { stampOf, Summaries, type Summary } from './summary.js';
import { twoPage } from './two-page.js';

// The addresses of the dashboard. Pages are made when they are asked for, from files alone; a page that is open is told when its files
// have changed, and asks again. Nothing is ever written.

/** How often files are looked at for a page that is open. */
const LOOK_EVERY_MS = 1000;

/** Folders are searched for new runs at most so often. */
const SEARCH_EVERY_MS = 2000;

/** Followers that are kept, the newest asked for last: each holds a run's curves in memory. */
const MOST_FOLLOWED = 20;

export interface DashboardOptions {
  /** Folders below which runs and comparisons are found. */
  readonly folders: readonly string[];
  /** Asked for if given. */
  readonly token?: string | undefined;
  /** Returns milliseconds since 1970, for ages and times left. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** Reads runs and comparisons from their files when a page asks for them. */
class Shown {
  readonly #folders: readonly string[];
  readonly #summaries = new Summaries();
  readonly #followers = new Map<string, RunFollower>();
  readonly comparisons = new Comparisons();
  #entries: readonly Entry[] = [];
  #searched = Number.NEGATIVE_INFINITY;

  readonly #now: () => number;

  constructor(folders: readonly string[], now: () => number) {
    this.#folders = folders;
    this.#now = now;
  }

  entries(): readonly Entry[] {
    if (performance.now() - this.#searched > SEARCH_EVERY_MS) {
      this.#entries = findEntries(this.#folders);
      this.#searched = performance.now();
    }
    return this.#entries;
  }

  entry(kind: Entry['kind'], id: string): Entry | undefined {
    return this.entries().find((entry) => entry.id === id && entry.kind === kind);
  }

  summary(entry: Entry): Summary {
    return this.#summaries.of(entry, this.#now());
  }

  /** All but the trials of comparisons, which are shown with their comparison. */
  top(): Summary[] {
    return this.entries().flatMap((entry) => (entry.within === undefined ? [this.summary(entry)] : []));
  }

  follower({ path }: Entry): RunFollower {
    const follower = this.#followers.get(path) ?? new RunFollower(join(path, RUN_FILES.events));
    this.#followers.delete(path);
    this.#followers.set(path, follower);
    const [oldest] = this.#followers.keys();
    if (this.#followers.size > MOST_FOLLOWED && oldest !== undefined) this.#followers.delete(oldest);
    follower.look();
    return follower;
  }
}

/** Builds the dashboard as a web application, which a server, or a test, asks. */
export function createDashboard({ folders, token, now = Date.now }: DashboardOptions): Hono {
  const app = new Hono();
  const shown = new Shown(folders, now);
  app.use(guard(token));
  app.get('/style.css', (context) => context.body(PAGE_STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/script.js', (context) => context.body(SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }));

  const answer = (title: string, main: Html, part: string | undefined): Html =>
    part === 'main' ? main : page(title, main);
  const gone = markup`<h1>Not there</h1><p>The folder is gone, or holds no run. <a href="/">All runs</a></p>`;

  app.get('/', (context) => {
    const main = listPage(shown.top(), listQuery(context.req.query()), now());
    return context.html(answer('Runs', main, context.req.header('x-part')));
  });

  app.get('/run/:id', (context) => {
    const entry = shown.entry('run', context.req.param('id'));
    const part = context.req.header('x-part');
    if (!entry) return context.html(answer('Not there', gone, part), 404);
    const others = shown.entries().filter(({ kind, id }) => kind === 'run' && id !== entry.id);
    const main = runPage({ summary: shown.summary(entry), follower: shown.follower(entry), others });
    return context.html(answer(entry.name, main, part));
  });

  app.get('/two', (context) => {
    const sides = ['a', 'b'].flatMap((key) => {
      const entry = shown.entry('run', context.req.query(key) ?? '');
      return entry ? [{ summary: shown.summary(entry), follower: shown.follower(entry) }] : [];
    });
    const [a, b] = sides;
    const part = context.req.header('x-part');
    if (!a || !b) return context.html(answer('Not there', gone, part), 404);
    return context.html(answer('Two runs', twoPage([a, b]), part));
  });

  app.get('/comparison/:id', (context) => {
    const entry = shown.entry('comparison', context.req.param('id'));
    const part = context.req.header('x-part');
    if (!entry) return context.html(answer('Not there', gone, part), 404);
    const trials = shown.entries().flatMap((one) => (one.within === entry.id ? [shown.summary(one)] : []));
    const source = shown.comparisons.read(entry.path, stampOf(entry));
    return context.html(answer(entry.name, comparisonPage(shown.summary(entry), trials, source), part));
  });

  app.get('/figure/:id/:file{.+\\.svg}', (context) => {
    const entry = shown.entry('run', context.req.param('id'));
    const svg = entry && runPicture(shown.follower(entry), context.req.param('file').slice(0, -4));
    return svg === undefined
      ? context.notFound()
      : context.body(svg, 200, { 'content-type': 'image/svg+xml; charset=utf-8' });
  });

  app.get('/series/:file{.+\\.csv}', (context) => {
    const entry = shown.entry('run', context.req.param('file').slice(0, -4));
    if (!entry) return context.notFound();
    return context.body(seriesCsv(shown.follower(entry)), 200, { 'content-type': 'text/csv; charset=utf-8' });
  });

  app.get('/table/:id/:file{\\d+\\.(csv|tex)}', (context) => {
    const entry = shown.entry('comparison', context.req.param('id'));
    const [at = '', kind] = context.req.param('file').split('.');
    if (!entry) return context.notFound();
    const { report } = shown.comparisons.read(entry.path, stampOf(entry));
    const table = tablesOf(report)[Number(at)];
    if (!table) return context.notFound();
    const text = kind === 'csv' ? tableCsv(table, report) : tableTex(table, report);
    return context.body(text, 200, { 'content-type': `text/${kind === 'csv' ? 'csv' : 'x-tex'}; charset=utf-8` });
  });

  // Sends an event to an open page when the files that it shows have changed.
  app.get('/changes', (context) => {
    const of = new URL(context.req.query('of') ?? '/', 'http://localhost');
    const stamp = (): string => {
      const [, kind, id = ''] = of.pathname.split('/');
      if (kind === 'run' || kind === 'comparison') {
        const entry = shown.entry(kind, id);
        const trials = kind === 'comparison' ? shown.entries().filter(({ within }) => within === id) : [];
        return entry ? [entry, ...trials].map(stampOf).join(';') : 'gone';
      }
      if (kind === 'two')
        return ['a', 'b']
          .map((key) => of.searchParams.get(key) ?? '')
          .map((one) => shown.entry('run', one))
          .map((entry) => (entry ? stampOf(entry) : 'gone'))
          .join(';');
      return shown
        .entries()
        .filter(({ within }) => within === undefined)
        .map((entry) => entry.id + stampOf(entry))
        .join(';');
    };
    return streamSSE(context, async (stream) => {
      let before = stamp();
      await stream.writeSSE({ event: 'ready', data: '' });
      while (!stream.aborted) {
        await setTimeout(LOOK_EVERY_MS);
        const now = stamp();
        if (now === before) continue;
        before = now;
        await stream.writeSSE({ data: 'changed' });
      }
    });
  });

  app.notFound((context) => context.html(page('Not there', gone), 404));
  app.onError((error, context) => {
    const why = error instanceof FileError ? error.message : 'This page cannot be made; the reason is on the terminal.';
    if (!(error instanceof FileError)) process.stderr.write(`dashboard: ${error.stack ?? error.message}\n`);
    const main = markup`<h1>Cannot be shown</h1><p>${escaped(why)}</p>`;
    return context.html(answer('Cannot be shown', main, context.req.header('x-part')), 500);
  });
  return app;
}
