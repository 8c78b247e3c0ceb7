import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import type { Page } from 'playwright-core';
import { chromiumPath, cutOff, NO_BROWSER, startChromium } from '../../../browser/chromium.js';
import { repnas } from '../../../faults/command.js';
import { temporaryFolder } from '../../../folders/temporary.js';

const RUN = {
  strategy: 'shrink',
  dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 1600, test: 60 },
  backbone: { name: 'vgg', depth: 11, width: 0.0625 },
  train: { epochs: { warmUp: 1, search: 2, frozen: 2 }, batchSize: 16 },
  engine: 'wasm',
  export: [],
};

const check = chromiumPath ? test.serial : test.serial.skip;
if (!chromiumPath) test.serial(`skipped: ${NO_BROWSER}`, (t) => t.pass());

const textOf = (page: Page): Promise<string> => page.evaluate('document.querySelector("main").innerText');

check('follows a real run live, at any width, without an error, and says so when the server is gone', async (t) => {
  t.timeout(300_000);
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'runs'));
  writeFileSync(join(folder, 'repnas.config.json'), JSON.stringify(RUN));
  const server = repnas(['dashboard', 'runs', '--port', '0'], { cwd: folder });
  t.teardown(() => void server.child.kill('SIGKILL'));
  const address = await new Promise<string>((found) => {
    let text = '';
    server.child.stdout?.on('data', (part: Buffer) => {
      text += part.toString();
      if (text.includes('\n')) found(text.trim());
    });
  });
  const browser = await startChromium();
  t.teardown(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 400, height: 800 } });
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('ERR_')) errors.push(message.text());
  });
  await page.goto(address);
  t.regex(await textOf(page), /0 of 0/);

  const run = repnas(['run', '--name', 'live'], { cwd: folder });
  t.teardown(() => void run.child.kill('SIGKILL'));
  await page.waitForSelector('a:has-text("live")', { timeout: 60_000 });
  await page.click('a:has-text("live")');
  const stepOf = async (): Promise<number> => Number(/step (\d+) of 500/.exec(await textOf(page))?.[1] ?? 0);
  const goesBeyond = async (step: number): Promise<number> => {
    // The policy of the page lets no test evaluate in it by itself.
    for (;;) {
      const now = await stepOf();
      if (now > step) return now;
      await setTimeout(200);
    }
  };
  await goesBeyond(await goesBeyond(0));
  const { code, stderr } = await run.ended;
  t.is(code, 0, stderr);
  await page.waitForSelector('.state-done', { timeout: 30_000 });
  t.true((await page.locator('svg[role=img]').count()) >= 4);
  t.deepEqual(await cutOff(page), []);
  t.deepEqual(errors, []);

  server.child.kill('SIGTERM');
  await page.waitForSelector('.lost:not([hidden])', { timeout: 30_000 });
  t.regex(await textOf(page), /certificate/, 'what was seen stays');
});
