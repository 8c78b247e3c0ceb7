import test from 'ava';
import type { Engine } from '../../../core/contracts/index.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { engines } from '../../../plugins/engines/index.js';
import { relativeL2 } from '../../golden/cases.js';
import { firstStep, type Step } from './training-step.js';

const probes = await Promise.all(
  (engines as readonly Engine[])
    .filter(({ name }) => name !== cpu.name)
    .map(async (engine) => ({ engine, probe: await engine.probe(engine.options.parse({})) })),
);

// One training step of a small network without ties, on every engine that this machine can run.
let reference: Step;
test.before(async () => {
  reference = await firstStep(cpu);
});

for (const { engine, probe } of probes) {
  if (!probe.available) {
    test.skip(`${engine.name} takes the reference's step (${probe.reason}; ${probe.install})`, () => undefined);
    continue;
  }
  test.serial(`${engine.name} takes the reference's step`, async (t) => {
    const { loss, gradients } = await firstStep(engine);
    t.true(Math.abs(loss - reference.loss) <= 1e-5, `loss ${loss}, expected ${reference.loss}`);
    t.deepEqual([...gradients.keys()], [...reference.gradients.keys()]);
    const all = [...reference.gradients.values()].reduce((sum, values) => sum + values.length, 0);
    t.true(all > 1000);
    // A gradient that is zero but for rounding has no direction to compare.
    const rounding = 1e-6 * Math.hypot(...[...reference.gradients.values()].map((values) => Math.hypot(...values)));
    for (const [name, expected] of reference.gradients) {
      const found = gradients.get(name) ?? [];
      const size = Math.hypot(...expected);
      const error = relativeL2(found, expected);
      t.true(error <= 1e-4 || size * error <= rounding, `${name}: relative L2 ${error}`);
    }
  });
}
