import * as tf from '@tensorflow/tfjs-core';
import { tfjsNode } from '../../../../plugins/engines/tfjs-node/engine.js';
import { engineTests } from '../engine-suite.js';
import { where } from '../where.js';

await engineTests(tfjsNode);

const here = where(await tfjsNode.probe({}));

here('tfjs-node is prepared once, however often it is started', async (t) => {
  const started = async () => {
    const session = await tfjsNode.start({});
    const kernels = tf.getKernelsForBackend(session.backend).map(({ kernelFunc }) => kernelFunc);
    const { bytes } = session.memory();
    const x = tf.ones([256]);
    const counted = session.memory().bytes - bytes;
    x.dispose();
    await session.stop();
    return { kernels, counted };
  };
  const [first, second] = [await started(), await started()];
  t.is(second.counted, 1024);
  t.true(first.kernels.length > 100);
  t.true(second.kernels.every((kernel, index) => kernel === first.kernels[index]));
});
