import * as tf from '@tensorflow/tfjs-core';
import type { ExecutionContext } from 'ava';
import { BLOCK_FORWARD_NAMES } from '../../../../core/reparam/block-forward/choose.js';
import type { Supernet } from '../../../../core/reparam/network/supernet.js';
import { forwardBackward } from '../../../../core/train/step.js';
import { weightSharings } from '../../../../plugins/weight-sharing/index.js';
import {
  batchOf,
  gated,
  oneBlock,
  type Setting,
  SHAPES,
  type Shape,
  titleOf,
} from '../../../core/reparam/network/one-block.js';
import { here, started } from './here.js';

started();

/** Everything that a step gives and leaves, to the last bit. */
async function step(supernet: Supernet, shape: Shape, index: number) {
  const batch = batchOf(shape, `pixels of step ${index}`);
  const pass = await forwardBackward(supernet, batch, gated(supernet), index);
  const gradients = [...pass.gradients].map(([name, gradient]) => [name, gradient.dataSync().slice()] as const);
  tf.dispose([...pass.gradients.values()]);
  const { store } = supernet;
  const state = store.names().map((name) => [name, store.read(name)] as const);
  return { loss: pass.loss, gates: [...pass.gateGradients], gradients, state };
}

/** Moves every parameter a little, as training does. */
function move(supernet: Supernet): void {
  const { store } = supernet;
  for (const name of store.names())
    if (store.role(name) !== 'statistics')
      store.write(
        name,
        store.read(name).map((value, at) => value + 0.01 * Math.sin(at)),
      );
}

/** The same network as it is now, which has not run yet. */
function fresh(supernet: Supernet, shape: Shape, setting: Setting): Supernet {
  const other = oneBlock(shape, setting);
  for (const name of supernet.store.names()) other.store.write(name, supernet.store.read(name));
  return other;
}

async function sameBits(t: ExecutionContext, shape: Shape, setting: Setting): Promise<void> {
  const supernet = oneBlock(shape, setting);
  let tensors: number | undefined;
  for (let index = 0; index < 8; index++) {
    // Before it are steps like its first one.
    const other = index > 3 ? fresh(supernet, shape, setting) : undefined;
    const found = await step(supernet, shape, index);
    if (other) t.deepEqual(found, await step(other, shape, index), `${setting.evaluation}, step ${index}`);
    other?.dispose();
    move(supernet);
    if (index > 5) {
      // From the seventh step on nothing more is recorded.
      tensors ??= tf.memory().numDataBuffers;
      t.is(tf.memory().numDataBuffers, tensors, `${setting.evaluation}: data after step ${index}`);
    }
  }
  supernet.dispose();
}

for (const sharing of weightSharings)
  for (const shape of SHAPES)
    here(`a block that runs again gives what its code gives: ${titleOf(shape)}, sharing ${sharing.name}`, async (t) => {
      for (const evaluation of BLOCK_FORWARD_NAMES)
        await sameBits(t, shape, { evaluation, padStatistics: 'batch', sharing });
    });

here('a block that is padded by running statistics gives the same in every step', async (t) => {
  for (const sharing of weightSharings)
    await sameBits(t, SHAPES[0] as Shape, { evaluation: 'auto', padStatistics: 'running', sharing });
});

here('a block with one batch-norm behind its sum gives the same in every step', async (t) => {
  for (const sharing of weightSharings)
    for (const shape of SHAPES.slice(0, 5))
      await sameBits(t, shape, { evaluation: 'auto', padStatistics: 'batch', sharing, normPlacement: 'sum' });
});

here('the code of a block runs six times', async (t) => {
  const [shape, sharing] = [SHAPES[0] as Shape, weightSharings[0] as Setting['sharing']];
  for (const evaluation of ['explicit', 'shared-taps', 'moments'] as const) {
    const supernet = oneBlock(shape, { evaluation, padStatistics: 'batch', sharing });
    const { op } = supernet.blocks.branch('block', 'conv-1x1-kxk');
    const { forward } = op;
    let runs = 0;
    Object.assign(op, {
      forward: (...given: Parameters<typeof forward>) => {
        runs++;
        return forward(...given);
      },
    });
    try {
      for (let index = 0; index < 9; index++) await step(supernet, shape, index);
    } finally {
      Object.assign(op, { forward });
      supernet.dispose();
    }
    t.is(runs, 6, evaluation);
  }
});
