import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { chromiumPath, cutOff, overlapping, startChromium, tooSmall } from '../../../browser/chromium.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { decided, killGroup, readReport, recordsOf, repnas, repnasGroup, until } from './processes.js';

const PREPARE = resolve('../shared/data/cifar10/prepare.mjs');

const check = existsSync(PREPARE) ? test.serial : test.serial.skip;
if (!existsSync(PREPARE)) test.serial(`skipped: no CIFAR-10 at ${PREPARE}`, (t) => t.pass());

/** One seed and few steps; in full it takes minutes: see the README. */
const SHORT = [
  '--seeds=1',
  '--jobs=2',
  '--set=dataset.limit={"train":320,"test":200}',
  '--set=train.epochs={"warmUp":1,"search":1,"frozen":1}',
];

/** Of the comparison that nobody disturbs. */
let undisturbed: ReturnType<typeof decided>;

/** The photographs, written once. */
const images = mkdtempSync(join(tmpdir(), 'repnas-cifar10-'));
test.after.always(() => rmSync(images, { recursive: true, force: true }));
test.before(async () => {
  if (existsSync(PREPARE)) await promisify(execFile)(process.execPath, [PREPARE, images]);
});

const COMPARE = ['compare', 'repnas:cifar10-strategies-toy', `--set=dataset.path=${JSON.stringify(images)}`, ...SHORT];

check('every entrant of the comparison of strategies is trained on real photographs, and reported', async (t) => {
  const folder = temporaryFolder(t);
  const { code, stderr } = await repnas(folder, ...COMPARE).ended;
  t.is(code, 0, stderr);
  const out = join(folder, 'runs/compare-cifar10-strategies-toy');
  const { entrants, testImages } = readReport(out);
  t.deepEqual(
    entrants.map(({ entrant, accuracy }) => [entrant, accuracy?.n]),
    ['plain', 'acb', 'dbb', 'pair', 'random', 'repnas'].map((entrant) => [entrant, 1]),
  );
  t.deepEqual(testImages, [200]);
  undisturbed = decided(readReport(out));
  for (const record of recordsOf(out))
    t.true(record.status === 'done' && record.result.certificate.passed, record.name);
  const kept = (name: string): number =>
    Object.values(entrants.find(({ entrant }) => entrant === name)?.kept ?? {})
      .flatMap((row) => Object.values(row))
      .reduce((sum, count) => sum + count, 0);
  t.is(kept('random'), kept('repnas'), 'the same budget');
  t.is(kept('plain'), 8);

  if (!chromiumPath) return;
  const browser = await startChromium();
  try {
    for (const width of [1280, 400]) {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      await page.goto(`file://${join(out, 'report.html')}`);
      t.deepEqual([await cutOff(page), await tooSmall(page, 9.5), await overlapping(page)], [[], [], []], `${width}`);
    }
  } finally {
    await browser.close();
  }
});

check('killed with all its processes in the middle of trials and resumed, it gives the same table', async (t) => {
  const folder = temporaryFolder(t);
  const out = join(folder, 'runs/compare-cifar10-strategies-toy');
  const first = repnasGroup(folder, ...COMPARE);
  const trials = join(out, 'trials');
  const begun = (): number => (existsSync(trials) ? readdirSync(trials).length : 0);
  const between = () => recordsOf(out).length > 0 && begun() > recordsOf(out).length;
  await until(between, 'a trial was done and another trained', first);
  killGroup(first);
  await first.ended;
  const before = recordsOf(out);
  t.true(before.length < 6, 'it was killed in time');
  const { code, stderr } = await repnas(folder, ...COMPARE, '--resume').ended;
  t.is(code, 0, stderr);
  t.deepEqual(decided(readReport(out)), undisturbed);
  t.deepEqual(recordsOf(out).slice(0, before.length), before, 'nothing that was done is done again');
});
