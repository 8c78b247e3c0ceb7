import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { foldBlock } from '../../../../core/io/import/fold-block.js';
import { readBlock } from '../../../../core/io/import/read-block.js';
import { recogniseBlocks } from '../../../../core/io/import/recognise.js';
import { Settings } from '../../../../core/io/import/settings.js';
import type { TensorSource } from '../../../../core/io/import/tensor-source.js';
import type { BlockNode } from '../../../../core/contracts/index.js';
import { unfusedBlock } from '../../../../core/io/import/unfused.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { type GoldenParams, goldenCases, goldenFolder, relativeError, shapeOf, toOurs } from '../../../golden/cases.js';

const folder = goldenFolder();

test.before(async () => {
  await cpu.start({});
});

/** The parameters of a case as a checkpoint that holds them below a name. */
function checkpoint(params: GoldenParams, below: string): TensorSource {
  const named = new Map(Object.entries(params).map(([name, array]) => [`${below}${name}`, array]));
  return {
    shapes: new Map([...named].map(([name, { shape }]) => [name, shape])),
    read: async (name) => Float32Array.from(named.get(name)?.data ?? []),
  };
}

if (folder === undefined)
  test('reference cases', (t) => t.log('skipped: no folder of reference cases (GOLDEN_DIR)') ?? t.pass());

for (const { name, golden } of folder === undefined ? [] : goldenCases(folder)) {
  if (golden.kind === 'supernet-step') continue;
  test.serial(`${name}: a checkpoint with this block folds into the official kernel`, async (t) => {
    const below =
      golden.kind !== 'repnas-op'
        ? 'layer1.0.conv2.'
        : golden.op === 'skip_connect'
          ? 'features.3.skip_connect.'
          : 'features.3._ops.4.';
    const source = checkpoint(golden.params, below);
    const { blocks, others } = recogniseBlocks(source.shapes);
    t.is(blocks.length, 1);
    t.deepEqual(others, []);
    const [plan] = blocks;
    if (!plan) return;
    const block = await readBlock(plan, source, new Settings(undefined));
    t.is(block.name, golden.kind === 'repnas-op' ? 'features.3' : 'layer1.0.conv2');
    const { kernel, bias } = foldBlock(block);
    if (golden.kind === 'repnas-op' && golden.op === 'skip_connect' && golden.groups > 1) return;
    t.true(relativeError(kernel.data, toOurs(golden.fusedKernel, 'kernel')) < 1e-5);
    t.true(relativeError(bias, toOurs(golden.fusedBias, 'other')) < 1e-5);
    const images = tf.tensor4d(toOurs(golden.x, 'images'), shapeOf(golden.x, 'images'));
    const node = { stride: golden.stride, activation: 'none' } as BlockNode;
    const output = tf.tidy(() => unfusedBlock(block, node, images).dataSync());
    images.dispose();
    t.true(relativeError(output, toOurs(golden.evalOutput, 'images')) < 1e-5);
  });
}
