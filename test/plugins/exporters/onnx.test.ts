import test from 'ava';
import type { FusedNetwork, NetworkGraph } from '../../../core/contracts/index.js';
import { onnx } from '../../../plugins/exporters/onnx.js';
import { relativeError } from '../../golden/cases.js';
import { GRAPHS, randomFused, randomImages } from '../../reference/fused-networks.js';
import { naiveOutputs } from '../../reference/naive-forward.js';
import { exported } from './exported.js';
import { runInOnnx } from './plain-onnx.js';

const model = async (network: FusedNetwork): Promise<Uint8Array> =>
  (await exported(onnx, network)).get('model.onnx') as Uint8Array;

for (const [name, graph] of Object.entries(GRAPHS)) {
  test.serial(`${name}: ONNX Runtime computes the same, for any number of images`, async (t) => {
    const network = randomFused(graph);
    const file = await model(network);
    for (const count of [1, 3]) {
      const images = randomImages(graph.input, count);
      const { inputs, outputs, shape, data } = await runInOnnx(file, images, graph);
      t.deepEqual([inputs, outputs], [['input'], [graph.nodes.at(-1)?.name]]);
      t.deepEqual(shape, [count, graph.classes]);
      const error = relativeError(data, naiveOutputs(network, images));
      t.true(error < 1e-5, `relative error ${error}`);
    }
  });
}

test.serial('a padded maximum takes negative values for what they are', async (t) => {
  const graph: NetworkGraph = {
    input: [4, 5, 2],
    classes: 2,
    nodes: [
      { kind: 'max-pool', name: 'pool', input: 'input', size: 3, stride: 2, padding: 1 },
      { kind: 'global-average-pool', name: 'mean', input: 'pool' },
    ],
  };
  const network = randomFused(graph);
  const images = randomImages(graph.input, 2).map((value) => -Math.abs(value) - 1);
  const { data } = await runInOnnx(await model(network), images, graph);
  t.true(relativeError(data, naiveOutputs(network, images)) < 1e-6);
});

test('metadata travels with the model, and the same network gives the same bytes', async (t) => {
  const network = randomFused(GRAPHS['strides, groups and depthwise'] as NetworkGraph);
  const file = await model(network);
  for (const [key, value] of Object.entries(network.metadata)) {
    const text = Buffer.from(file);
    t.true(text.includes(key));
    t.true(text.includes(JSON.stringify(value)));
  }
  t.deepEqual(file, await model(network));
});
