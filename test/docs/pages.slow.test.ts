import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runPage } from './run-page.js';

/** Pages that people write; those that are generated, and what is installed, lie beside them. */
const WRITTEN = ['.', 'guide', 'contracts'];

const pages = WRITTEN.flatMap((folder) =>
  readdirSync(join('docs', folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', folder, name)),
);

for (const page of pages) {
  test.serial(`${page} does what it shows`, async (t) => {
    t.true((await runPage(page)) >= 0);
  });
}
