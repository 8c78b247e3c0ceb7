import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runPage } from './run-page.js';

/** What is generated, and what is installed, lies beside the pages that people write. */
const OTHERS = /^docs\/(?:node_modules|\.vitepress|api|reference)\//;

const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .map((name) => join('docs', name))
  .filter((path) => path.endsWith('.md') && !OTHERS.test(path))
  .sort();

for (const page of pages) {
  test.serial(`${page} does what it shows`, async (t) => {
    t.true((await runPage(page)) >= 0);
  });
}
