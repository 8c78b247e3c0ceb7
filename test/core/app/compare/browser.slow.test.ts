import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Page } from 'playwright-core';
import type { ComparisonDescription } from '../../../../core/app/compare/description.js';
import type { CurvePoint, GatePoint } from '../../../../core/app/compare/report/history.js';
import { html } from '../../../../core/app/compare/report/html.js';
import { createReport } from '../../../../core/app/compare/report/report.js';
import { chromiumPath, cutOff, NO_BROWSER, overlapping, startChromium, tooSmall } from '../../../browser/chromium.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { description, done, failed } from './records.js';

const OPS = ['conv-1x1', 'conv-1x1-avg', 'conv-kxk', 'conv-1x1-kxk', 'conv-1xk', 'conv-kx1', 'identity'];

/** A large comparison: many entrants with long names, many seeds, a deep network, failures with long reasons. */
function large() {
  const names = ['plain', 'random', 'repnas', 'a', 'evolution-with-a-very-long-name-indeed', ...'bcdefg'];
  const seeds = Array.from({ length: 8 }, (_, at) => at);
  const blocks = Array.from({ length: 53 }, (_, at) => `stage${at >> 4}.block${at & 15}.conv2`);
  const gates = blocks.flatMap((block) => OPS.map((branch) => ({ block, branch })));
  const spaces = blocks.map((block) => ({ block, branches: OPS, always: [] }));
  const base = description(names, seeds);
  const comparison: ComparisonDescription = {
    ...base,
    name: 'imagenet-every-strategy-on-resnet-50-with-seven-branch-ops',
    entrants: base.entrants.map((entrant) => ({ ...entrant, budget: 126, gates, spaces })),
  };
  const records = names.flatMap((name, entrant) =>
    seeds.map((seed) => {
      if (name === 'b' && seed > 0) return failed(name, seed, `the process ended without an answer ${'x'.repeat(300)}`);
      const record = done(
        name,
        seed,
        0.7 + 0.01 * entrant + 0.003 * ((seed * 7) % 5),
        40_000 * (entrant + 1) + 900 * seed,
      );
      const architecture = Object.fromEntries(
        blocks.map((block, at) => [block, OPS.filter((_, op) => (at + op * seed + entrant) % 3 === 0)]),
      );
      return { ...record, result: { ...record.result, architecture } };
    }),
  );
  const curves: CurvePoint[] = names.flatMap((entrant, at) =>
    seeds.flatMap((seed) =>
      Array.from({ length: 120 }, (_, epoch): CurvePoint[] => {
        const accuracy = 0.9 - (0.6 + 0.01 * at) * Math.exp(-epoch / 30) + 0.005 * ((seed + epoch) % 4);
        return [
          { entrant, seed, epoch: epoch + 1, images: 'training', accuracy },
          { entrant, seed, epoch: epoch + 1, images: 'test', accuracy: accuracy - 0.05 },
        ];
      }).flat(),
    ),
  );
  const points: GatePoint[] = seeds.slice(0, 3).flatMap((seed) =>
    Array.from({ length: 12 }, (_, epoch) =>
      gates.map((_, gate) => {
        const place = 1 + ((gate * (epoch + 3) + seed) % gates.length);
        return { entrant: 'repnas', seed, epoch: epoch + 1, gate, place, sampled: (gate * 37) % 5004, steps: 5004 };
      }),
    ).flat(),
  );
  return { report: createReport(comparison, records), description: comparison, history: { curves, gates: points } };
}

/** The usual one, and one seed alone. */
function small(seeds: readonly number[]) {
  const comparison = description(['plain', 'random', 'repnas'], seeds);
  const records = seeds.flatMap((seed) => [
    done('plain', seed, 0.5 + 0.01 * seed),
    done('random', seed, 0.52 + 0.02 * seed, 14),
    done('repnas', seed, 0.55, 17),
  ]);
  const curves = ['plain', 'random', 'repnas'].flatMap((entrant) =>
    seeds.map((seed) => ({ entrant, seed, epoch: 1, images: 'test' as const, accuracy: 0.5 + 0.01 * seed })),
  );
  return { report: createReport(comparison, records), description: comparison, history: { curves, gates: [] } };
}

const check = chromiumPath ? test.serial : test.serial.skip;
if (!chromiumPath) test.serial(`skipped: ${NO_BROWSER}`, (t) => t.pass());

const REPORTS = { large: large(), small: small([0, 1, 2]), 'of one seed': small([0]) };

check('a report is whole, and its letters can be read, at 1280 and at 400 pixels', async (t) => {
  const folder = temporaryFolder(t);
  const browser = await startChromium();
  try {
    for (const [name, source] of Object.entries(REPORTS)) {
      const file = join(folder, 'report.html');
      writeFileSync(file, html(source));
      for (const width of [1280, 400]) {
        const page = await browser.newPage({ viewport: { width, height: 900 } });
        const requests: string[] = [];
        const problems: string[] = [];
        page.on('request', (request) => requests.push(request.url()));
        page.on('console', (message) => problems.push(message.text()));
        page.on('pageerror', (error) => problems.push(error.message));
        await page.goto(`file://${file}`);
        const at = `the ${name} report at ${width} pixels`;
        t.deepEqual(await cutOff(page), [], at);
        t.deepEqual(await tooSmall(page, 9.5), [], at);
        t.deepEqual(await overlapping(page), [], at);
        t.deepEqual(requests, [`file://${file}`], `${at} asks for nothing else`);
        t.deepEqual(problems, [], at);
        t.true((await page.locator('svg:visible').count()) >= 4, `${at} has pictures`);
        const screenshot = process.env['REPNAS_SCREENSHOTS'];
        if (screenshot) await page.screenshot({ path: join(screenshot, `${name}-${width}.png`), fullPage: true });
        await page.close();
      }
    }
  } finally {
    await browser.close();
  }
});

check('the check finds what is cut off, what is too small and what overlaps', async (t) => {
  const browser = await startChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 400, height: 900 } });
    const show = (body: string): Promise<void> => page.setContent(`<body style="margin:0">${body}</body>`);
    const finds = async (check: (page: Page) => Promise<string[]>, body: string): Promise<void> => {
      await show(body);
      t.true((await check(page)).length > 0, body);
    };
    const picture = (inner: string): string => `<svg width="300" height="100" viewBox="0 0 300 100">${inner}</svg>`;
    await finds(cutOff, '<div style="width:500px">wide</div>');
    await finds(cutOff, '<div style="width:50px;overflow:hidden;white-space:nowrap">cut off in the middle</div>');
    await finds(cutOff, picture('<text x="280" y="50">too far to the right</text>'));
    await finds((shown) => tooSmall(shown, 9.5), picture('<text x="10" y="50" font-size="6">small</text>'));
    await finds(overlapping, picture('<text x="10" y="50">one</text><text x="12" y="52">two</text>'));
    await show(`<p>all is well</p>${picture('<text x="10" y="50">one</text>')}`);
    t.deepEqual([await cutOff(page), await tooSmall(page, 9.5), await overlapping(page)], [[], [], []]);
  } finally {
    await browser.close();
  }
});
