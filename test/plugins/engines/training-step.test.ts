import test from 'ava';
import { cpu } from '../../../plugins/engines/cpu.js';
import { webgpu } from '../../../plugins/engines/webgpu/engine.js';
import { examined, optionsOf } from './available.js';
import { where } from './where.js';
import { firstStep, type Step, sameStep } from './training-step.js';

// One training step of a small network without ties, on every engine that this machine can run. A software driver for WebGPU
// compiles shaders for a quarter of a minute: its step is among the slow tests.
const others = (await examined()).filter(({ engine }) => engine.name !== cpu.name && engine.name !== webgpu.name);

let reference: Step;
test.before(async () => {
  reference = await firstStep(cpu, {});
});

for (const { engine, probe } of others) {
  where(probe)(`${engine.name} takes the reference's step`, async (t) => {
    sameStep(t, await firstStep(engine, optionsOf(engine)), reference);
  });
}
