import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runPage } from '../docs/run-page.js';

const examples = readdirSync('examples', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

for (const name of examples) {
  test.serial(`the example ${name} does what its README shows`, async (t) => {
    const folder = join('examples', name);
    t.true((await runPage(join(folder, 'README.md'), folder)) > 0);
  });
}

test('the list of examples names all of them', (t) => {
  const list = readFileSync('examples/README.md', 'utf8');
  t.deepEqual([...list.matchAll(/^\| \[([a-z-]+)\]\(\1\)/gm)].map(([, name]) => name).sort(), examples.sort());
});
