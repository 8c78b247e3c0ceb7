import test from 'ava';
import { decodeSafetensors } from '../../../core/io/formats/safetensors.js';
import { repvgg } from '../../../plugins/backbones/repvgg.js';
import { safetensors } from '../../../plugins/exporters/safetensors.js';
import { GRAPHS, randomFused } from '../../reference/fused-networks.js';
import { exported } from './exported.js';

test("a RepVGG gets the official deploy form's names, shapes and layout", async (t) => {
  const graph = repvgg.build([32, 32, 3], 10, repvgg.options.parse({ variant: 'b0', width: 0.125 }));
  const network = randomFused(graph);
  const file = (await exported(safetensors, network, { names: 'auto' })).get('model.safetensors') as Uint8Array;
  const { tensors, metadata } = decodeSafetensors(file, 'model.safetensors');
  t.deepEqual(
    [...tensors.keys()].slice(0, 6),
    ['stage0', 'stage1.0', 'stage1.1'].flatMap((name) =>
      ['weight', 'bias'].map((part) => `${name}.rbr_reparam.${part}`),
    ),
  );
  t.is(tensors.size, 2 * (1 + 4 + 6 + 16 + 1 + 1));
  t.deepEqual(tensors.get('linear.weight')?.shape, [10, 160]);
  const kernel = network.convolutions.get('stage2.block1');
  const [height, width, inputs, outputs] = kernel?.shape ?? [0, 0, 0, 0];
  const written = tensors.get('stage2.1.rbr_reparam.weight');
  t.deepEqual(written?.shape, [outputs, inputs, height, width]);
  const [y, x, i, o] = [2, 0, 5, 9];
  t.is(
    written?.values[((o * inputs + i) * height + y) * width + x],
    kernel?.kernel[((y * width + x) * inputs + i) * outputs + o],
  );
  t.is(metadata['format'], 'pt');
  t.deepEqual(JSON.parse(metadata['normalisation'] ?? ''), network.metadata.normalisation);
  t.deepEqual(JSON.parse(metadata['certificate'] ?? ''), network.metadata.certificate);
});

test("other networks get their nodes' names, and RepVGG's are refused", async (t) => {
  const network = randomFused(GRAPHS['strides, groups and depthwise'] as (typeof GRAPHS)[string]);
  const file = (await exported(safetensors, network, { names: 'auto' })).get('model.safetensors') as Uint8Array;
  const { tensors } = decodeSafetensors(file, 'model.safetensors');
  t.deepEqual(tensors.get('stage1.0.weight')?.shape, [12, 2, 7, 7]);
  t.deepEqual(tensors.get('stage1.1.weight')?.shape, [12, 1, 3, 3]);
  t.deepEqual([...(tensors.get('linear.bias')?.values ?? [])], [...(network.dense.get('linear')?.bias ?? [])]);
  await t.throwsAsync(exported(safetensors, network, { names: 'repvgg' }), { message: /the network is no RepVGG/ });
});

test('a dense layer behind a flattened map reads it channel by channel', async (t) => {
  const network = randomFused(GRAPHS['a chain like VGG, flattened'] as (typeof GRAPHS)[string]);
  const file = (await exported(safetensors, network, { names: 'nodes' })).get('model.safetensors') as Uint8Array;
  const { tensors } = decodeSafetensors(file, 'model.safetensors');
  const [height, width, channels, outputs] = [2, 2, 8, 10];
  const [y, x, channel, output] = [1, 0, 3, 7];
  t.is(
    tensors.get('hidden.weight')?.values[output * 32 + (channel * height + y) * width + x],
    network.dense.get('hidden')?.weight[((y * width + x) * channels + channel) * outputs + output],
  );
});
