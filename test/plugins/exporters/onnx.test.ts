import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { FusedNetwork, NetworkGraph } from '../../../core/contracts/index.js';
import { valueRanges } from '../../../core/io/export/ranges.js';
import { FusedModel } from '../../../core/reparam/network/fuse.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { onnx } from '../../../plugins/exporters/onnx.js';
import { temporaryFolder } from '../../folders/temporary.js';
import { relativeError } from '../../golden/cases.js';
import { pythonWith } from '../../pytorch/pytorch.js';
import { GRAPHS, randomFused, randomImages } from '../../reference/fused-networks.js';
import { naiveOutputs } from '../../reference/naive-forward.js';
import { exported } from './exported.js';
import { runInOnnx } from './plain-onnx.js';

test.before(async () => {
  await cpu.start({});
});

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

test.serial('images may be of any size where no map is flattened', async (t) => {
  const graph = GRAPHS['residuals with both shortcuts, padded pools'] as NetworkGraph;
  const network = randomFused(graph);
  const other = { ...graph, input: [17, 22, 3] } as NetworkGraph;
  const images = randomImages(other.input, 2);
  const { data } = await runInOnnx(await model(network), images, other);
  t.true(relativeError(data, naiveOutputs({ ...network, graph: other }, images)) < 1e-5);
});

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

/** Ranges as they are seen while the network runs on images. */
async function rangesOf(network: FusedNetwork, images: Float32Array, count: number) {
  const model = new FusedModel(network);
  const batches = async function* () {
    yield { images, size: count };
  };
  try {
    return await valueRanges(model, batches());
  } finally {
    model.dispose();
  }
}

for (const [name, graph] of Object.entries(GRAPHS)) {
  test.serial(`${name}: in 8 bits ONNX Runtime gives nearly the same`, async (t) => {
    const network = randomFused(graph);
    const images = randomImages(graph.input, 16);
    const ranges = () => rangesOf(network, images, 16);
    const file = (await exported(onnx, network, { precision: 'int8' }, { ranges })).get('model.onnx') as Uint8Array;
    const { shape, data } = await runInOnnx(file, images, graph);
    t.deepEqual(shape, [16, graph.classes]);
    const error = relativeError(data, naiveOutputs(network, images));
    t.true(error > 1e-4 && error < 0.1, `relative error ${error}`);
  });
}

test('8 bits are refused where there are no images to fit them to', async (t) => {
  const network = randomFused(GRAPHS['strides, groups and depthwise'] as NetworkGraph);
  await t.throwsAsync(exported(onnx, network, { precision: 'int8' }), { message: /no images to fit it to/ });
});

const python = pythonWith('onnx');
if (python === undefined)
  test("ONNX' own checker", (t) => t.log('skipped: no python3 here has onnx (Debian: python3-onnx)') ?? t.pass());
else
  test.serial("ONNX' own checker finds nothing wrong, shapes included", async (t) => {
    const folder = temporaryFolder(t);
    for (const [at, graph] of Object.values(GRAPHS).entries()) {
      const network = randomFused(graph);
      const ranges = () => rangesOf(network, randomImages(graph.input, 4), 4);
      for (const precision of ['float32', 'int8']) {
        const files = await exported(onnx, network, { precision }, { ranges });
        writeFileSync(join(folder, `${at}-${precision}.onnx`), files.get('model.onnx') as Uint8Array);
      }
    }
    const program = `import glob, onnx
for path in sorted(glob.glob(${JSON.stringify(`${folder}/*.onnx`)})):
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    print(model.opset_import[0].version, *sorted({node.op_type for node in model.graph.node}), sep=' ')`;
    const lines = execFileSync(python, ['-c', program]).toString().trim().split('\n');
    t.is(lines.length, 6);
    t.is(lines[0], '17 Conv Flatten Gemm MaxPool Relu');
    t.is(lines[1], '17 Conv DequantizeLinear Flatten Gemm MaxPool QuantizeLinear Relu');
  });
