import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createRunContainer } from '../../core/config/container/plugins.js';
import { createRun } from '../../core/run/run.js';
import { temporaryFolder, tiny } from '../core/run/tiny.js';

const { registry } = await createRunContainer();

// Kinds whose parts have laws of their own run over their lists; these are held to a whole run.
for (const { part } of registry.parts('search-space')) {
  test.serial(
    `search space ${part.name}: a search in it ends with a network that folds into what it was`,
    async (t) => {
      const config = { extends: tiny(temporaryFolder()), strategy: 'repnas', searchSpace: part.name, export: [] };
      const { main } = await createRun(config, { interactive: false, name: 'run' }).done;
      t.true(main.certificate.passed);
      t.true(Object.values(main.architecture).every(({ length }) => length > 0));
    },
  );
}

for (const { part } of registry.parts('fuser')) {
  test.serial(`fuser ${part.name}: folds a trained network within its tolerance`, async (t) => {
    const config = { extends: tiny(temporaryFolder()), strategy: 'dbb', fuser: part.name, export: [] };
    const { main } = await createRun(config, { interactive: false, name: 'run' }).done;
    t.true(main.certificate.passed && main.certificate.maxDifference > 0);
  });
}

for (const { part } of registry.parts('exporter')) {
  test.serial(`exporter ${part.name}: a run leaves its files`, async (t) => {
    const out = temporaryFolder();
    const config = { extends: tiny(out), strategy: 'dbb', export: [part.name] };
    const { main } = await createRun(config, { interactive: false, name: 'run' }).done;
    t.true(part.name in main.exports);
    t.true(readdirSync(join(out, 'run/model', part.name)).length > 0);
  });
}
