import test from 'ava';
import { csv, gatesCsv } from '../../../../core/app/compare/report/csv.js';
import { html } from '../../../../core/app/compare/report/html.js';
import { markdown } from '../../../../core/app/compare/report/markdown.js';
import { createReport } from '../../../../core/app/compare/report/report.js';
import { description, done, failed } from './records.js';

const COMPARISON = description(['plain', 'random', 'repnas'], [0, 1, 2]);

const RECORDS = [
  done('plain', 0, 0.5),
  done('plain', 1, 0.6),
  done('plain', 2, 0.7),
  done('random', 0, 0.4, 20),
  failed('random', 1, 'killed | by SIGKILL\nbadly'),
  done('random', 2, 0.5, 20),
  failed('repnas', 0, 'a first try'),
  done('repnas', 0, 0.52, 30),
  done('repnas', 1, 0.63, 30),
  done('repnas', 2, 0.74, 30),
  done('repnas', 7, 0.99, 30),
];

const report = createReport(COMPARISON, RECORDS);
const entrant = (name: string) => report.entrants.find((found) => found.entrant === name)!;

const near = (a: number | undefined, b: number): boolean => Math.abs((a ?? Number.NaN) - b) < 1e-6;

test('differences are paired by seed; a failed trial takes its pair out, and n says so', (t) => {
  const { plain, random } = entrant('repnas').over;
  t.true(near(plain?.mean, 0.03) && near(plain?.margin, (4.302652729911275 * 0.01) / Math.sqrt(3)));
  t.is(plain?.n, 3);
  t.true(near(random?.mean, 0.18));
  t.is(random?.n, 2);
  t.deepEqual(Object.keys(random?.bySeed ?? {}), ['0', '2']);
  t.deepEqual(Object.keys(entrant('plain').over), ['random']);
  t.true(near(entrant('repnas').timesTraining['plain']?.mean, 3));
});

test('the newest record of a trial counts, and seeds that do not take part do not', (t) => {
  t.deepEqual(entrant('repnas').failed, []);
  t.is(entrant('repnas').accuracy?.n, 3);
  t.deepEqual(
    entrant('random').failed.map(({ seed }) => seed),
    [1],
  );
});

test('the order in which trials end changes nothing, not even a last bit', (t) => {
  const shares = [0.1, 0.7, 0.3].map((share, seed) => done('plain', seed, share));
  const orders = [shares, [...shares].reverse(), [shares[1]!, shares[2]!, shares[0]!]];
  const reports = orders.map((records) => createReport(COMPARISON, records));
  t.deepEqual(reports[1], reports[0]);
  t.deepEqual(reports[2], reports[0]);
});

test('latency has the median of medians, the highest p99 and all samples; fused beside unfused', (t) => {
  const { latency } = entrant('plain');
  t.deepEqual(latency?.unfused, { median: 5, p99: 12, samples: 300 });
  t.deepEqual(latency?.fused, { median: 2, p99: 4, samples: 300 });
  t.true(near(latency?.speedUp.mean, 2.5));
});

test('branches are counted over the seeds', (t) => {
  t.deepEqual(entrant('plain').kept, { a: { 'conv-kxk': 3 }, b: { 'conv-kxk': 1, 'conv-1x1': 1, identity: 2 } });
});

test('the settings in which entrants differ are told, and no others', (t) => {
  t.deepEqual(entrant('repnas').settings, { 'strategy.name': 'repnas' });
  t.regex(markdown(report), /\| random \| strategy\.name "random" \|/);
});

test('Markdown tells n where a pair is missing, and keeps its tables whole', (t) => {
  const text = markdown(report);
  t.regex(text, /\| repnas \| 63\.00 ± 27\.33 \| 3 \| \+3\.00 ± 2\.48 \| \+18\.00 ± 76\.24 \(n = 2\) \|/);
  t.regex(text, /seed 1: killed \\\| by SIGKILL badly/);
  for (const paragraph of text.split('\n\n')) {
    const lines = paragraph.split('\n').filter((line) => line.startsWith('|'));
    t.true(new Set(lines.map((line) => line.split(/(?<!\\)\|/).length)).size <= 1, paragraph);
  }
});

test('CSV has a number or nothing in every field, in full precision', (t) => {
  const lines = csv(report).trim().split('\r\n');
  const [head = [], ...rows] = lines.map((line) => line.replace(/"[^"]*"/g, 'quoted').split(','));
  t.is(rows.length, 3);
  const cell = (row: number, name: string) => rows[row]?.[head.indexOf(name)];
  t.is(cell(0, 'accuracy_mean'), String(entrant('plain').accuracy?.mean));
  t.is(cell(0, 'over_plain_mean'), '');
  t.is(cell(1, 'accuracy_seed_1'), '');
  t.is(cell(1, 'failed_seeds'), '1');
  t.is(cell(2, 'latency_fused_samples'), '300');
  t.true(rows.every((row) => row.length === head.length));
  t.regex(lines[1] ?? '', /,"wasm \(CPU, 1 thread\)",$/);
});

test('one seed alone has no interval anywhere', (t) => {
  const one = createReport(description(['plain', 'repnas'], [0]), [done('plain', 0, 0.5), done('repnas', 0, 0.75)]);
  t.false(
    markdown(one)
      .split('\n')
      .some((line) => line.startsWith('|') && line.includes('±')),
  );
  t.is(one.entrants[1]?.over['plain']?.margin, undefined);
  t.is(one.entrants[1]?.over['plain']?.mean, 0.25);
});

test('the page is one file: no script, nothing from elsewhere, no text taken for markup', (t) => {
  const hostile = { ...COMPARISON, name: '<script>alert(1)</script> "&' };
  const page = html({
    report: createReport(hostile, RECORDS),
    description: hostile,
    history: { curves: [], gates: [] },
  });
  t.notRegex(page, /<script|<link|<img|<iframe|@import|url\(|\ssrc=|\shref=/i);
  t.deepEqual([...new Set(page.match(/https?:\/\/[^"'<\s]+/g))], ['http://www.w3.org/2000/svg']);
  t.true(page.includes('&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;'));
});

test('a comparison of which nothing has ended yet has a report too', (t) => {
  const empty = createReport(COMPARISON, []);
  t.regex(
    markdown(empty),
    /0 of 9 trials finished, 9 still to run: this report is of a part\. Measured on nothing yet/,
  );
  t.true(html({ report: empty, description: COMPARISON, history: { curves: [], gates: [] } }).includes('<h1>'));
  t.is(csv(empty).trim().split('\r\n').length, 4);
});

/** Two epochs of a search with two seeds: gate 0 falls, gate 1 rises, of the others nothing is known. */
const POINTS = [0, 1].flatMap((seed) =>
  [2, 3].flatMap((epoch) =>
    [0, 1].map((gate) => ({
      entrant: 'repnas',
      seed,
      epoch,
      gate,
      place: epoch === 2 ? 1 + gate : 2 - gate + seed,
      sampled: 3 * gate + seed,
      steps: 10,
    })),
  ),
);

test('the report tells how often each gate was sampled and how its rank moved: as JSON, as Markdown, as CSV', (t) => {
  const searched = createReport(COMPARISON, RECORDS, { gates: POINTS });
  t.is(searched.entrants[0]?.search, undefined, 'plain does not search');
  const { budget, epochs, gates } = searched.entrants[2]!.search!;
  t.deepEqual([budget, epochs, gates.length], [3, [2, 3], 2]);
  const { block, branch, sampled, share, places } = gates[1]!;
  t.deepEqual([block, branch], ['a', 'conv-1x1']);
  t.deepEqual(sampled.bySeed, { 0: 6, 1: 8 });
  t.true(near(share.mean, 0.35));
  t.deepEqual(places, { 0: [2, 1], 1: [2, 2] });
  const text = markdown(searched);
  t.true(text.includes('### repnas: keeps 3 of 6 gates'));
  t.true(text.includes('| block | conv-kxk | conv-1x1 |'));
  t.true(text.includes('| a | 5 %, 1 → 2.5 | 35 %, 2 → 1.5 |'), text);
  const [head, first, ...more] = gatesCsv({ history: { gates: POINTS }, description: COMPARISON })
    .trim()
    .split('\r\n');
  t.is(head, 'entrant,seed,epoch,block,branch,sampled_steps,steps,place');
  t.is(first, 'repnas,0,2,a,conv-kxk,0,10,1');
  t.is(more.length, POINTS.length - 1);
});

test('a strategy that samples without ranking has no places', (t) => {
  const points = POINTS.map((point) => ({ ...point, entrant: 'random' }));
  const { search } = createReport(COMPARISON, RECORDS, { gates: points }).entrants[1]!;
  t.is(search?.gates[0]?.places, undefined);
  t.is(search?.gates[1]?.sampled.n, 2);
  t.regex(gatesCsv({ history: { gates: points }, description: COMPARISON }), /^random,0,2,a,conv-kxk,0,10,\r$/m);
});
