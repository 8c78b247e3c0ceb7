import { parseArgs } from 'node:util';
import { createRunContainer } from '../core/config/container/plugins.js';
import { damagedThenOpened, damagedThenResumed } from '../test/faults/damage.js';
import type { Findings } from '../test/faults/findings.js';
import { fuzzed, SUBJECTS } from '../test/faults/fuzz/fuzz.js';
import { killed } from '../test/faults/kill.js';
import { fewHandles, fullDisk, readOnlyFolder } from '../test/faults/resources.js';
import { dyingDecoder, failingEngine, hangingObserver } from '../test/faults/parts.js';
import { stalled } from '../test/faults/stall.js';
import { soaked } from '../test/faults/soak.js';
import { interrupted, interruptedTwice, oneProcessAtATime } from '../test/faults/signals.js';

// Breaks runs and feeds readers, many times over, and says what held: `npm run test:faults [-- --only killed,fuzzed --seed 2]`,
// `[-- --only soaked --engines wasm,cpu --steps 10000]`.
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '50' },
    steps: { type: 'string', default: '10000' },
    engines: { type: 'string', default: '' },
    inputs: { type: 'string', default: '10000' },
  },
});
const { registry } = await createRunContainer();
const seed = Number(options.seed);
const all = 10_000;
const engines = options.engines === '' ? registry.names('engine') : options.engines.split(',');
const groups: Readonly<Record<string, readonly (() => Promise<Findings>)[]>> = {
  killed: [() => killed(Number(options.kills), seed)],
  damaged: [() => damagedThenResumed(all, seed), () => damagedThenOpened(all, seed)],
  resources: [
    () => fullDisk([72, 88, 100, 112, 128, 144, 160, 200]),
    () => readOnlyFolder(),
    () => fewHandles([20, 22, 24, 26, 28, 30, 32, 36, 40, 48]),
  ],
  signals: [() => interrupted(20, seed), () => interruptedTwice(), () => oneProcessAtATime()],
  parts: [hangingObserver, dyingDecoder, failingEngine],
  stalled: [() => stalled(64)],
  soaked: engines.map((engine) => () => soaked(engine, Number(options.steps))),
  fuzzed: SUBJECTS.map((name) => () => fuzzed(name, Number(options.inputs), seed)),
};
const wanted = options.only === '' ? Object.keys(groups) : options.only.split(',');
let failed = 0;
for (const name of wanted) {
  const tests = groups[name];
  if (!tests) throw new Error(`there is no group '${name}'; expected some of ${Object.keys(groups).join(', ')}`);
  for (const work of tests) {
    const began = performance.now();
    const { what, tried, failures, detail, skipped } = await work();
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    if (skipped === undefined)
      console.log(`${tried - failures.length} of ${tried}  ${what}\n    ${detail}; ${seconds} s`);
    else console.log(`skipped  ${what}\n    ${skipped}`);
    for (const failure of failures) console.log(`    FAILED ${failure}`);
    failed += failures.length;
  }
}
console.log(failed === 0 ? 'all held' : `${failed} did not hold`);
process.exitCode = failed === 0 ? 0 : 1;
