import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { blockEvaluation } from '../../../../core/reparam/block-forward/choose.js';
import { gradients } from '../../../../core/engine/index.js';
import { wasm } from '../../../../plugins/engines/wasm/engine.js';
import { kernelSlice } from '../../../../plugins/weight-sharing/kernel-slice.js';
import { layers, prepare } from '../../../../scripts/bench-evaluation/layers.js';
import { engineTests } from '../engine-suite.js';

const listeners = process.listenerCount('uncaughtException');

await engineTests(wasm);

test.serial('frees what products keep of kernels that are convolved with, too', async (t) => {
  const session = await wasm.start({});
  const layer = layers(0.25).find(({ node }) => node.name === '16-16@32');
  if (!layer) throw new Error('there is no such layer');
  const before = tf.memory().numTensors;
  const { pass, dy } = prepare(layer, ['conv-kxk', 'conv-1xk'], 4, kernelSlice);
  const names = new Set(pass.branches.flatMap((branch) => branch.trained()));
  const watched = [pass.x, pass.gates, ...[...names].map((name) => pass.store.get(name))];
  for (let turn = 0; turn < 3; turn++) {
    for (const way of ['explicit', 'shared-taps', 'moments', 'recompute'] as const) {
      const { value, gradients: found } = gradients(() => blockEvaluation(way)(pass), watched, dy);
      t.true(Number.isFinite((await value.data())[0]));
      tf.dispose([value, ...found.filter((gradient) => gradient !== undefined)]);
    }
  }
  pass.store.dispose();
  tf.dispose([pass.x, pass.gates, dy]);
  t.is(tf.memory().numTensors, before);
  await session.stop();
});

test('leaves the process its own way of failing', (t) => {
  t.is(process.listenerCount('uncaughtException'), listeners);
});
