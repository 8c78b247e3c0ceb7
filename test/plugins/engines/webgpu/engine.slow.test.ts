import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { webgpu } from '../../../../plugins/engines/webgpu/engine.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
// First: it names a software driver where the machine has no other.
import '../available.js';
import { engineTests } from '../engine-suite.js';
import { firstStep, sameStep } from '../training-step.js';

await engineTests(webgpu, { options: { software: true } });

const probe = await webgpu.probe({ software: true });
const onDevice = probe.available ? test.serial : test.skip;

onDevice('reads without waiting for the event loop', async (t) => {
  const session = await webgpu.start({ software: true });
  const x = tf.tensor1d([1, 2, 3]);
  t.deepEqual([...tf.square(x).dataSync()], [1, 4, 9]);
  await session.stop();
});

onDevice("takes the reference's step", async (t) => {
  const reference = await firstStep(cpu, {});
  sameStep(t, await firstStep(webgpu, { software: true }), reference);
});

onDevice('adds more tensors than a shader may read', async (t) => {
  const session = await webgpu.start({ software: true });
  const sums = [1, 7, 8, 13, 14, 100].map((count) => {
    const tensors = Array.from({ length: count }, (_, index) => tf.tensor1d([index, 1]));
    const before = tf.memory().numTensors;
    const sum = tf.addN(tensors);
    t.is(tf.memory().numTensors, before + 1);
    return [...sum.dataSync()];
  });
  t.deepEqual(
    sums,
    [1, 7, 8, 13, 14, 100].map((count) => [(count * (count - 1)) / 2, count]),
  );
  await session.stop();
});

onDevice('gives no values once the device has refused a call', async (t) => {
  const session = await webgpu.start({ software: true });
  const { device } = tf.backend() as unknown as { device: { createBuffer(options: object): unknown } };
  const x = tf.square(tf.tensor1d([1, 2, 3]));
  t.deepEqual([...(await x.data())], [1, 4, 9]);
  device.createBuffer({ size: 16, usage: 0 });
  const y = tf.square(x);
  t.throws(() => y.dataSync(), { message: /webgpu: the device refused a call: / });
  await t.throwsAsync(() => tf.square(x).data(), { message: /webgpu: the device refused a call: / });
  await session.stop();
});

onDevice('leaves a software driver to those who ask for it', async (t) => {
  const { available } = await webgpu.probe({ software: false });
  t.is(available, probe.available && !/^CPU/.test(probe.device));
});
