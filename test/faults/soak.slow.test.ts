import test from 'ava';
import { createRunContainer } from '../../core/container/plugins.js';
import { soaked } from './soak.js';

const { registry } = await createRunContainer();

// `npm run test:faults` trains 10,000 steps on each.
for (const engine of registry.names('engine')) {
  test.serial(`${engine}: memory stays flat over training steps`, async (t) => {
    const { failures, detail, skipped } = await soaked(engine, 500);
    t.log(skipped ? `skipped: ${skipped}` : detail);
    t.deepEqual(failures, []);
  });
}
