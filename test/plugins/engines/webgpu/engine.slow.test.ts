import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { webgpu } from '../../../../plugins/engines/webgpu/engine.js';
import { engineTests } from '../engine-suite.js';

// Chromium's software driver, where the machine has no other.
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (!process.env['VK_ICD_FILENAMES'] && existsSync(SWIFTSHADER)) process.env['VK_ICD_FILENAMES'] = SWIFTSHADER;

await engineTests(webgpu, { options: { software: true } });

const probe = await webgpu.probe({ software: true });
const onDevice = probe.available ? test.serial : test.skip;

onDevice('reads without waiting for the event loop', async (t) => {
  const session = await webgpu.start({ software: true });
  const x = tf.tensor1d([1, 2, 3]);
  t.deepEqual([...tf.square(x).dataSync()], [1, 4, 9]);
  await session.stop();
});

onDevice('leaves a software driver to those who ask for it', async (t) => {
  const { available } = await webgpu.probe({ software: false });
  t.is(available, probe.available && !/^CPU/.test(probe.device));
});
