import test from 'ava';
import { backbones } from '../../../plugins/backbones/index.js';
import { onnx } from '../../../plugins/exporters/onnx.js';
import { tfjs } from '../../../plugins/exporters/tfjs.js';
import { relativeError } from '../../golden/cases.js';
import { randomFused, randomImages } from '../../reference/fused-networks.js';
import { naiveOutputs } from '../../reference/naive-forward.js';
import { exported } from './exported.js';
import { runInOnnx } from './plain-onnx.js';
import { runInPlainTfjs } from './plain-tfjs.js';

for (const backbone of backbones) {
  test.serial(`${backbone.name}: ONNX and TensorFlow.js compute what the network is`, async (t) => {
    const graph = backbone.build([32, 32, 3], 10, backbone.options.parse({ width: 0.0625 }));
    const network = randomFused(graph);
    const images = randomImages(graph.input, 2);
    const expected = naiveOutputs(network, images);
    const file = (await exported(onnx, network)).get('model.onnx') as Uint8Array;
    const inOnnx = relativeError((await runInOnnx(file, images, graph)).data, expected);
    t.true(inOnnx < 1e-5, `ONNX: relative error ${inOnnx}`);
    for (const model of ['layers', 'graph']) {
      const { data } = await runInPlainTfjs(await exported(tfjs, network, { model }), images, [2, ...graph.input]);
      t.true(relativeError(data, expected) < 1e-5, model);
    }
  });
}
