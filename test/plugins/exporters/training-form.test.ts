import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type { NetworkGraph } from '../../../core/contracts/index.js';
import { wholeContent } from '../../../core/io/files/index.js';
import { decodeSafetensors, type Safetensors } from '../../../core/io/formats/safetensors.js';
import { foldBlock } from '../../../core/io/import/fold-block.js';
import { readBlock } from '../../../core/io/import/read-block.js';
import { recogniseBlocks } from '../../../core/io/import/recognise.js';
import { Settings } from '../../../core/io/import/settings.js';
import { fuseNetwork, trainedNetwork } from '../../../core/reparam/network/fuse.js';
import type { Supernet } from '../../../core/reparam/network/supernet.js';
import { graphBuilder } from '../../../plugins/backbones/graph-builder.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { repvggNames, timmNames } from '../../../plugins/exporters/pytorch-names.js';
import { safetensors } from '../../../plugins/exporters/safetensors.js';
import { exact } from '../../../plugins/fusers/exact.js';
import { temporaryFolder } from '../../folders/temporary.js';
import { relativeError } from '../../golden/cases.js';
import { answersOf, NO_PYTORCH, pythonWith } from '../../pytorch/pytorch.js';
import { randomImages } from '../../reference/fused-networks.js';
import { randomTrained } from './trained-networks.js';

test.before(async () => {
  await cpu.start({});
});

/** A RepVGG: one block that keeps everything, others that change width and stride, one in groups, one for each channel alone. */
function chain(): NetworkGraph {
  const graph = graphBuilder([9, 10, 3], 4);
  graph.block('stage0.block0', { outChannels: 4, stride: 2 });
  graph.block('stage1.block0', { outChannels: 6, stride: 2 });
  graph.block('stage1.block1', { outChannels: 6, groups: 2 });
  graph.block('stage1.block2', { outChannels: 6, groups: 6 });
  const inputs = graph.channels;
  graph.add({ kind: 'global-average-pool', name: 'pool' });
  return graph.classify(inputs);
}

const metadata = {
  classes: ['a', 'b', 'c', 'd'],
  normalisation: { mean: [0], deviation: [1] },
  architecture: {},
  certificate: {},
};

async function trainingForm(supernet: Supernet, options: object) {
  const network = fuseNetwork(supernet, { definition: exact, options: {} }, metadata);
  const files = await safetensors.export(network, safetensors.options.parse({ form: 'training', ...options }), {
    trained: () => trainedNetwork(supernet),
  });
  const bytes = wholeContent(files.get('model.safetensors') ?? '');
  return { network, bytes, decoded: decodeSafetensors(bytes, 'model.safetensors') };
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  repvgg: ['conv-kxk', 'conv-1x1', 'identity'],
  timm: ['conv-kxk', 'conv-1x1', 'identity'],
  dbb: ['conv-kxk', 'conv-1x1', 'conv-1x1-kxk', 'conv-1x1-avg'],
  acnet: ['conv-kxk', 'conv-1xk', 'conv-kx1'],
  plain: ['conv-kxk'],
};

/** What a depthwise DBB block leaves out. */
const withoutPointwise = (supernet: Supernet) =>
  supernet.blocks.freeze({
    ...supernet.blocks.architecture(),
    'stage1.block2': ['conv-kxk', 'conv-1x1-kxk', 'conv-1x1-avg'],
  });

const python = pythonWith('torch');
if (python === undefined) test('PyTorch', (t) => t.log(`skipped: ${NO_PYTORCH}`) ?? t.pass());

for (const [kind, ops] of Object.entries(KINDS)) {
  const names = kind === 'timm' ? timmNames : repvggNames;
  const trained = () => {
    const supernet = randomTrained(chain(), ops);
    if (kind === 'dbb') withoutPointwise(supernet);
    return supernet;
  };

  if (kind !== 'plain')
    test.serial(`${kind}: what was trained goes in again by its official names and folds into the same`, async (t) => {
      const { network, decoded } = await trainingForm(trained(), { names: kind === 'timm' ? 'timm' : 'auto' });
      const source = sourceOf(decoded);
      const { blocks, others } = recogniseBlocks(source.shapes);
      t.deepEqual([...others].sort(), [`${names.node('dense')}.bias`, `${names.node('dense')}.weight`]);
      t.deepEqual(
        blocks.map(({ name }) => name),
        ['stage0.block0', 'stage1.block0', 'stage1.block1', 'stage1.block2'].map(names.node),
      );
      for (const [at, node] of [...network.convolutions.keys()].entries()) {
        const plan = blocks[at];
        if (!plan) return t.fail();
        const { kernel, bias } = foldBlock(await readBlock(plan, source, new Settings(undefined)));
        const fused = network.convolutions.get(node);
        t.true(relativeError(kernel.data, fused?.kernel ?? []) < 1e-6, node);
        t.true(relativeError(bias, fused?.bias ?? []) < 1e-6, node);
      }
    });

  if (python !== undefined)
    test.serial(`${kind}: PyTorch loads the training form strictly and answers the same`, async (t) => {
      const supernet = trained();
      const { bytes } = await trainingForm(supernet, { names: kind === 'timm' ? 'timm' : 'auto' });
      const file = join(temporaryFolder(t), 'model.safetensors');
      writeFileSync(file, bytes);
      const { graph } = supernet;
      const images = randomImages(graph.input, 2);
      const found = answersOf(python, { file, kind: () => kind, nameOf: names.node, graph, images });
      const expected = tf.tidy(() => supernet.infer(tf.tensor4d(images, [2, ...graph.input])).dataSync());
      t.true(relativeError(found, expected) < 1e-5);
    });
}

for (const [kind, names] of [
  ['rbr_reparam', repvggNames],
  ['reparam_conv', timmNames],
] as const) {
  if (python === undefined) continue;
  test.serial(`${kind}: PyTorch loads the fused form strictly and answers the same`, async (t) => {
    const supernet = randomTrained(chain(), KINDS['repvgg'] ?? []);
    const network = fuseNetwork(supernet, { definition: exact, options: {} }, metadata);
    const options = safetensors.options.parse({ names: names === timmNames ? 'timm' : 'repvgg' });
    const files = await safetensors.export(network, options);
    const file = join(temporaryFolder(t), 'model.safetensors');
    writeFileSync(file, wholeContent(files.get('model.safetensors') ?? ''));
    const { graph } = supernet;
    const images = randomImages(graph.input, 2);
    const found = answersOf(python, { file, kind: () => kind, nameOf: names.node, graph, images });
    const expected = tf.tidy(() => supernet.infer(tf.tensor4d(images, [2, ...graph.input])).dataSync());
    t.true(relativeError(found, expected) < 1e-5);
  });
}

test.serial('other blocks get our own names, and a fused network alone has no training form', async (t) => {
  const supernet = randomTrained(chain(), ['conv-kxk', 'conv-1xk', 'identity']);
  const { decoded, network } = await trainingForm(supernet, {});
  const first = [...decoded.tensors.keys()].filter((name) => name.startsWith('stage1.1.'));
  t.true(first.includes('stage1.1.conv-kxk.kernel.weight'));
  t.true(first.includes('stage1.1.identity.norm.running_var'));
  await t.throwsAsync(safetensors.export(network, safetensors.options.parse({ form: 'training' })), {
    message: /only the fused network is known here/,
  });
});

const sourceOf = ({ tensors }: Safetensors) => ({
  shapes: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
  read: async (name: string) => tensors.get(name)?.values ?? new Float32Array(),
});
