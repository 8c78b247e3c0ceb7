import test from 'ava';
import * as ort from 'onnxruntime-web';
import type { FusedNetwork, NetworkGraph } from '../../../core/contracts/index.js';
import { repvgg } from '../../../plugins/backbones/repvgg.js';
import { onnx } from '../../../plugins/exporters/onnx.js';
import { relativeError } from '../../golden/cases.js';
import { GRAPHS, randomFused, randomImages } from '../../reference/fused-networks.js';
import { naiveOutputs } from '../../reference/naive-forward.js';

const exported = async (network: FusedNetwork): Promise<Uint8Array> =>
  (await onnx.export(network, {})).get('model.onnx') as Uint8Array;

/** `[N, H, W, C]` to `[N, C, H, W]`. */
function channelsFirst(images: Float32Array, [height, width, channels]: NetworkGraph['input']): Float32Array {
  const pixels = height * width;
  return images.map((_, at) => {
    const [image, channel, pixel] = [
      Math.floor(at / (pixels * channels)),
      Math.floor(at / pixels) % channels,
      at % pixels,
    ];
    return images[(image * pixels + pixel) * channels + channel] as number;
  });
}

async function runOnnx(file: Uint8Array, images: Float32Array, graph: NetworkGraph) {
  const [height, width, channels] = graph.input;
  const session = await ort.InferenceSession.create(file, { graphOptimizationLevel: 'disabled' });
  const count = images.length / (height * width * channels);
  const input = new ort.Tensor('float32', channelsFirst(images, graph.input), [count, channels, height, width]);
  const outputs = await session.run({ input });
  const names = { inputs: session.inputNames, outputs: session.outputNames };
  await session.release();
  return { ...names, output: outputs[names.outputs[0] as string] as ort.Tensor };
}

const networks: Readonly<Record<string, NetworkGraph>> = {
  ...GRAPHS,
  'a narrow RepVGG': repvgg.build([32, 32, 3], 10, repvgg.options.parse({ variant: 'b1g2', width: 0.0625 })),
};

for (const [name, graph] of Object.entries(networks)) {
  test.serial(`${name}: ONNX Runtime computes the same, for any number of images`, async (t) => {
    const network = randomFused(graph);
    const file = await exported(network);
    for (const count of [1, 3]) {
      const images = randomImages(graph.input, count);
      const { inputs, outputs, output } = await runOnnx(file, images, graph);
      t.deepEqual([inputs, outputs], [['input'], [graph.nodes.at(-1)?.name]]);
      t.deepEqual(output.dims, [count, graph.classes]);
      const error = relativeError(output.data as Float32Array, naiveOutputs(network, images));
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
  const { output } = await runOnnx(await exported(network), images, graph);
  t.true(relativeError(output.data as Float32Array, naiveOutputs(network, images)) < 1e-6);
});

test('metadata travels with the model, and the same network gives the same bytes', async (t) => {
  const network = randomFused(GRAPHS['strides, groups and depthwise'] as NetworkGraph);
  const file = await exported(network);
  for (const [key, value] of Object.entries(network.metadata)) {
    const text = Buffer.from(file);
    t.true(text.includes(key));
    t.true(text.includes(JSON.stringify(value)));
  }
  t.deepEqual(file, await exported(network));
});
