import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import test from 'ava';
import { distance } from '../../../core/engine/conformance/check.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { webgpu } from '../../../plugins/engines/webgpu/engine.js';
import { examined, optionsOf } from './available.js';
import { where } from './where.js';

// A model of TensorFlow.js' own layers, which knows nothing of this package, trained and asked on an engine of ours.
const others = (await examined()).filter(({ engine }) => engine.name !== cpu.name && engine.name !== webgpu.name);

const initializer = (seed: number) => layers.initializers.heNormal({ seed });

function model(): layers.Sequential {
  const relu = { activation: 'relu' as const };
  return layers.sequential({
    layers: [
      layers.layers.conv2d({
        inputShape: [12, 12, 3],
        filters: 8,
        kernelSize: 3,
        padding: 'same',
        kernelInitializer: initializer(1),
        ...relu,
      }),
      layers.layers.batchNormalization(),
      layers.layers.depthwiseConv2d({
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        depthwiseInitializer: initializer(2),
      }),
      layers.layers.maxPooling2d({ poolSize: 2, strides: 1 }),
      layers.layers.conv2d({ filters: 6, kernelSize: 2, strides: 2, kernelInitializer: initializer(3), ...relu }),
      layers.layers.averagePooling2d({ poolSize: 2 }),
      layers.layers.flatten(),
      layers.layers.dense({ units: 4, activation: 'softmax', kernelInitializer: initializer(4) }),
    ],
  });
}

/** Losses of three steps, and what the model then says of its images. */
async function trained(): Promise<{ losses: number[]; answers: Float32Array }> {
  const network = model();
  network.compile({ optimizer: new tf.SGDOptimizer(0.05), loss: 'categoricalCrossentropy' });
  const x = tf.randomNormal([8, 12, 12, 3], 0, 1, 'float32', 5);
  const y = tf.oneHot(tf.tensor1d([0, 1, 2, 3, 0, 1, 2, 3], 'int32'), 4);
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) losses.push((await network.trainOnBatch(x, y)) as number);
  const answers = Float32Array.from(await (network.predict(x) as tf.Tensor).data());
  network.dispose();
  return { losses, answers };
}

async function on(engine: (typeof others)[number]['engine']): ReturnType<typeof trained> {
  const session = await engine.start(optionsOf(engine));
  const found = await trained();
  await session.stop();
  return found;
}

let reference: Awaited<ReturnType<typeof trained>>;
test.before(async () => {
  reference = await on(cpu as (typeof others)[number]['engine']);
});

for (const { engine, probe } of others) {
  where(probe)(`${engine.name} trains a model of TensorFlow.js' layers`, async (t) => {
    const { losses, answers } = await on(engine);
    t.true(
      losses.every((loss, step) => Math.abs(loss - (reference.losses[step] as number)) < 1e-5),
      `${losses}`,
    );
    t.true((losses.at(-1) as number) < (losses[0] as number));
    t.true(distance(reference.answers, answers) < 1e-5);
  });
}
