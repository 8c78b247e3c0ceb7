import test from 'ava';
import type { Engine } from '../../core/contracts/index.js';
import { engines } from '../../plugins/engines/index.js';
import { optionsOf } from '../plugins/engines/available.js';
import { goldenCases, goldenFolder } from './cases.js';
import { checkCase } from './check.js';

// Reference cases computed by the official RepNAS and DBB code.
const folder = goldenFolder();

/** Name of the engine that computes them. */
const name = process.env['GOLDEN_ENGINE'] ?? 'cpu';
const engine = (engines as readonly Engine[]).find((candidate) => candidate.name === name);
if (!engine)
  throw new Error(`GOLDEN_ENGINE is ${name}; expected one of ${engines.map((known) => known.name).join(', ')}`);
const options = optionsOf(engine);
const probe = await engine.probe(options);

if (!probe.available) {
  test.skip(`reference cases on ${name} (${probe.reason}; ${probe.install})`, () => undefined);
} else if (folder === undefined) {
  test('reference cases', (t) => {
    t.log('skipped: there is no folder of reference cases; name one in GOLDEN_DIR');
    t.pass();
  });
} else {
  const cases = goldenCases(folder);
  test.before(async () => {
    await engine.start(options);
  });
  test('the folder holds reference cases', (t) => {
    t.log(`${cases.length} reference cases in ${folder}`);
    t.true(cases.length > 0);
  });
  for (const { name, golden } of cases) {
    test.serial(name, (t) => checkCase(t, golden));
  }
}
