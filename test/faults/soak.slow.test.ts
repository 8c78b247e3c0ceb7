import test from 'ava';
import { createRunContainer } from '../../core/config/container/plugins.js';
import { soaked } from './soak.js';

const { registry } = await createRunContainer();

// `npm run test:faults` trains 10,000 steps on each. A driver for WebGPU that computes on the CPU takes a tenth of a second for one.
const stepsOn = (engine: string): number => (engine === 'webgpu' ? 100 : 500);

for (const engine of registry.names('engine')) {
  test.serial(`${engine}: memory stays flat over training steps`, async (t) => {
    const { failures, detail, skipped } = await soaked(engine, stepsOn(engine));
    t.log(skipped ? `skipped: ${skipped}` : detail);
    t.deepEqual(failures, []);
  });
}
