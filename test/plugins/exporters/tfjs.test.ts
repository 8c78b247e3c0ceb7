import test from 'ava';
import type { NetworkGraph } from '../../../core/contracts/index.js';
import { tfjs } from '../../../plugins/exporters/tfjs.js';
import { relativeError } from '../../golden/cases.js';
import { GRAPHS, randomFused, randomImages } from '../../reference/fused-networks.js';
import { naiveOutputs } from '../../reference/naive-forward.js';
import { exported } from './exported.js';
import { runInPlainTfjs } from './plain-tfjs.js';

for (const model of ['layers', 'graph'] as const) {
  for (const [name, graph] of Object.entries(GRAPHS)) {
    test(`${name}: plain TensorFlow.js computes the same from a ${model} model`, async (t) => {
      const network = randomFused(graph);
      const files = await exported(tfjs, network, { model });
      const images = randomImages(graph.input, 3);
      const result = await runInPlainTfjs(files, images, [3, ...graph.input]);
      t.deepEqual(result.shape, [3, graph.classes]);
      const error = relativeError(result.data, naiveOutputs(network, images));
      t.true(error < 1e-5, `relative error ${error}`);
      t.deepEqual(result.metadata, network.metadata);
    });
  }
}

test('weights are cut into shards of at most 4 MiB, across tensors too', async (t) => {
  const graph: NetworkGraph = {
    input: [1, 1, 900],
    classes: 3,
    nodes: [
      { kind: 'flatten', name: 'flatten', input: 'input' },
      { kind: 'dense', name: 'first', input: 'flatten', inputs: 900, outputs: 1300, activation: 'relu' },
      { kind: 'dense', name: 'second', input: 'first', inputs: 1300, outputs: 900, activation: 'relu' },
      { kind: 'dense', name: 'dense', input: 'second', inputs: 900, outputs: 3, activation: 'none' },
    ],
  };
  const network = randomFused(graph);
  const files = await exported(tfjs, network);
  t.deepEqual(
    [...files].map(([name, { length }]) => [name, length > 4 * 2 ** 20]),
    ['model.json', 'group1-shard1of3.bin', 'group1-shard2of3.bin', 'group1-shard3of3.bin'].map((name) => [name, false]),
  );
  const images = randomImages(graph.input, 1);
  const result = await runInPlainTfjs(files, images, [1, 1, 1, 900]);
  t.true(relativeError(result.data, naiveOutputs(network, images)) < 1e-5);
});

test('a padded maximum of values that may be negative is refused by name as layers, and exact as a graph', async (t) => {
  const graph: NetworkGraph = {
    input: [4, 4, 2],
    classes: 2,
    nodes: [
      { kind: 'max-pool', name: 'pool', input: 'input', size: 3, stride: 1, padding: 1 },
      { kind: 'global-average-pool', name: 'mean', input: 'pool' },
    ],
  };
  await t.throwsAsync(exported(tfjs, randomFused(graph)), { message: /node 'pool': a padded maximum of 'input'/ });
  const network = randomFused(graph);
  const images = randomImages(graph.input, 2).map((value) => -Math.abs(value) - 1);
  const { data } = await runInPlainTfjs(await exported(tfjs, network, { model: 'graph' }), images, [2, ...graph.input]);
  t.true(relativeError(data, naiveOutputs(network, images)) < 1e-6);
});

test('the same network gives the same bytes', async (t) => {
  const [graph] = Object.values(GRAPHS);
  const [first, second] = [
    await exported(tfjs, randomFused(graph as NetworkGraph)),
    await exported(tfjs, randomFused(graph as NetworkGraph)),
  ];
  t.deepEqual(first, second);
});
