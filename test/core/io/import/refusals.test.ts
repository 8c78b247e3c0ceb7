import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type { BlockNode } from '../../../../core/contracts/index.js';
import { FileError } from '../../../../core/io/files/index.js';
import { encodeSafetensors } from '../../../../core/io/formats/safetensors.js';
import { foldBlock } from '../../../../core/io/import/fold-block.js';
import { foldTensors } from '../../../../core/io/import/fold-tensors.js';
import { importNetwork } from '../../../../core/io/import/import-network.js';
import type { ImportOptions } from '../../../../core/io/import/options.js';
import { openCheckpoint } from '../../../../core/io/import/open.js';
import { readBlock } from '../../../../core/io/import/read-block.js';
import { recogniseBlocks } from '../../../../core/io/import/recognise.js';
import { Settings } from '../../../../core/io/import/settings.js';
import { TwoPaths } from '../../../../core/io/import/two-paths.js';
import { createRandomSource } from '../../../../core/train/random/index.js';
import { repvgg } from '../../../../plugins/backbones/repvgg.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { dense, norm, randomCheckpoint, repnasBlock, repvggBlock } from './checkpoints.js';

type Shapes = Readonly<Record<string, readonly number[]>>;

const random = createRandomSource(1);
const options = { input: [16, 16], check: { images: 1, size: 8 } } as const;
const imported = (shapes: Shapes, more: ImportOptions = {}) =>
  importNetwork({ tensors: randomCheckpoint(shapes), notes: [], close: async () => {} }, random, {
    ...options,
    ...more,
  });

const small: Shapes = {
  ...repvggBlock('stage0', 3, 4),
  ...repvggBlock('stage1.0', 4, 4),
  ...repvggBlock('stage1.1', 4, 4, { identity: true }),
  ...dense('linear', 4, 2),
};
const without = (name: string): Shapes => Object.fromEntries(Object.entries(small).filter(([key]) => key !== name));

test.before(async () => {
  await cpu.start({});
});

test.serial('tensors of no block are left out only when that is asked for, and named', async (t) => {
  const shapes = { ...small, 'aux.weight': [3], 'stage1.1.rbr_dense.bn.num_batches_tracked': [] };
  await t.throwsAsync(imported(shapes), { message: /tensor 'aux\.weight' would be left out, .*--allow-left-out/ });
  const { certificate, network } = await imported(shapes, { allowLeftOut: true });
  t.deepEqual(certificate.basis?.leftOut, ['aux.weight']);
  t.deepEqual(network.metadata.architecture['stage1.block1'], ['conv-kxk', 'conv-1x1', 'identity']);
});

const REFUSED: Readonly<Record<string, readonly [Shapes, RegExp]>> = {
  'with half of squeeze and excitation': [
    { ...small, 'stage1.0.se.down.weight': [1, 4, 1, 1] },
    /tensor 'stage1\.0\.se\.up\.weight' is missing; expected outputs x inputs/,
  ],
  'without a tensor of a norm': [
    without('stage1.0.rbr_1x1.bn.bias'),
    /'stage1\.0\.rbr_1x1\.bn\.bias' is missing; expected \[4\]/,
  ],
  'without a kernel': [
    without('stage1.0.rbr_1x1.conv.weight'),
    /'stage1\.0' also has 'stage1\.0\.rbr_1x1\.bn\.weight'/,
  ],
  'without a branch': [
    Object.fromEntries(Object.entries(small).filter(([name]) => !name.startsWith('stage1.0.rbr_1x1.'))),
    /'stage1\.0' has no branch 'rbr_1x1', which every block of RepVGG.* has \(it has rbr_dense\)/,
  ],
  'with a norm of another size': [
    { ...small, ...norm('stage0.rbr_dense.bn', 5) },
    /'stage0\.rbr_dense\.bn\.running_mean' has shape \[5\]; expected \[4\]/,
  ],
  'with an even kernel': [
    { ...small, 'stage0.rbr_dense.conv.weight': [4, 3, 2, 2] },
    /has shape \[4,3,2,2\]; expected .* odd height/,
  ],
  'with branches of different width': [
    { ...small, 'stage1.0.rbr_1x1.conv.weight': [8, 4, 1, 1], ...norm('stage1.0.rbr_1x1.bn', 8) },
    /branch 'stage1\.0\.rbr_1x1' has 4 inputs a group and 8 outputs; the branches before it 4 and 4/,
  ],
  'with blocks that do not fit one another': [
    { ...small, ...repvggBlock('stage1.1', 3, 4) },
    /'stage1\.1' reads 3 channels a group.* gives 4/,
  ],
  'with a block left out': [
    { ...small, ...repvggBlock('stage1.3', 4, 4, { identity: true }) },
    /block 'stage1\.2' is missing; the checkpoint has 'stage1\.3' behind it/,
  ],
  'with an identity that changes the width': [
    { ...small, ...repvggBlock('stage2.0', 4, 8, { identity: true }), ...dense('linear', 8, 2) },
    /'stage2\.0' has an identity branch, but reads 4 channels and gives 8/,
  ],
  'with a dense layer that does not fit': [
    { ...small, ...dense('linear', 7, 2) },
    /'linear\.weight' reads 7 features; the last block gives 4/,
  ],
  'with something else for a dense layer': [
    { ...repvggBlock('stage0', 3, 4), 'other.weight': [2] },
    /no dense layer was found; .*'linear\.weight'.* beside the blocks there is other\.weight/,
  ],
  'with blocks elsewhere': [
    { ...repvggBlock('layer1.0.conv1', 3, 4), ...dense('fc', 4, 2) },
    /'layer1\.0\.conv1' has no place in a network of stages/,
  ],
  'with another number of RepNAS blocks': [
    { ...repnasBlock('features.0', 3, 4), ...dense('linear', 4, 2) },
    /22 or 28 blocks as of RepNAS/,
  ],
};

for (const [what, [shapes, message]] of Object.entries(REFUSED)) {
  test.serial(`a checkpoint ${what} is refused, and nothing leaks`, async (t) => {
    const before = tf.memory().numTensors;
    await t.throwsAsync(imported(shapes), { message });
    t.is(tf.memory().numTensors, before);
  });
}

test.serial('RepNAS checkpoints become RepVGG-A, block by block', async (t) => {
  const graph = repvgg.build([32, 32, 3], 5, repvgg.options.parse({ variant: 'a0', width: 0.0625 }));
  let feature = 0;
  const blocks = graph.nodes.flatMap((node) => {
    if (node.kind !== 'block') return [];
    const { inChannels, outChannels, stride } = node;
    return Object.entries(repnasBlock(`features.${feature++}`, inChannels, outChannels, { identity: stride === 1 }));
  });
  const [last] = graph.nodes.filter((node) => node.kind === 'dense');
  const shapes = { ...Object.fromEntries(blocks), ...dense('linear', last?.inputs ?? 0, 5) };
  const { network, certificate } = await importNetwork(
    { tensors: randomCheckpoint(shapes), notes: [], close: async () => {} },
    random,
    { input: [32, 32], check: { images: 2, size: 32 } },
  );
  t.true(certificate.passed, JSON.stringify(certificate));
  const computing = graph.nodes.filter(({ kind }) => kind !== 'dropout');
  t.deepEqual(
    network.graph.nodes.map((node) => ({ ...node, input: node.kind === 'dense' ? 'dropout' : node.input })),
    computing,
  );
  t.deepEqual(network.metadata.architecture['stage1.block1'], ['conv-1xk', 'conv-1x1-avg', 'identity']);
});

test.serial('a block folded wrongly does not pass', async (t) => {
  const tensors = randomCheckpoint(small);
  const [plan] = recogniseBlocks(tensors.shapes).blocks;
  if (!plan) return t.fail();
  const block = await readBlock(plan, tensors, new Settings(undefined));
  const { kernel, bias } = foldBlock(block);
  const node = { name: 'stage0.block0', input: 'input', activation: 'none', kernelSize: 3, stride: 2, groups: 1 };
  const nodes = [
    { ...node, kind: 'block' } as BlockNode,
    { kind: 'global-average-pool', name: 'pool', input: 'stage0.block0' },
    { kind: 'dense', name: 'dense', input: 'pool', inputs: 4, outputs: 2, activation: 'none' },
  ] as const;
  const stream = random.stream('images');
  const values = Float32Array.from({ length: 8 * 8 * 3 }, () => stream.normal());
  const images = { values, count: 1, height: 8, width: 8, random: true };
  const paths = new TwoPaths({ input: [8, 8, 3], classes: 2, nodes }, images);
  const wrong = Float32Array.from(kernel.data);
  wrong[5] = (wrong[5] ?? 0) + 0.01;
  paths.block(nodes[0], block, { shape: kernel.shape, kernel: wrong, bias: Float32Array.from(bias) });
  paths.step(nodes[1]);
  paths.step(nodes[2], new Map([['dense', { weight: new Float32Array(8).fill(1), bias: new Float32Array(2) }]]));
  const certificate = paths.finish('dense', 1e-4);
  paths.dispose();
  t.false(certificate.passed);
  t.true((certificate.blocks['stage0.block0']?.relativeError ?? 0) > 1e-3);
});

test('blocks of any network are folded into the names of their deploy form', async (t) => {
  const source = randomCheckpoint({
    'conv1.weight': [4, 3, 3, 3],
    ...repvggBlock('body.0', 4, 4, { identity: true }),
    'body.1.square_conv.weight': [6, 4, 3, 3],
    ...norm('body.1.square_bn', 6),
    'body.1.ver_conv.weight': [6, 4, 3, 1],
    ...norm('body.1.ver_bn', 6),
    'body.1.hor_conv.weight': [6, 4, 1, 3],
    ...norm('body.1.hor_bn', 6),
    ...dense('fc', 6, 2),
  });
  const { tensors, blocks } = await foldTensors(source, new Settings(undefined));
  t.deepEqual(blocks, ['body.0', 'body.1']);
  t.deepEqual(
    [...tensors].map(([name, { shape }]) => [name, ...shape]),
    [
      ['body.0.rbr_reparam.weight', 4, 4, 3, 3],
      ['body.0.rbr_reparam.bias', 4],
      ['body.1.fused_conv.weight', 6, 4, 3, 3],
      ['body.1.fused_conv.bias', 6],
      ['conv1.weight', 4, 3, 3, 3],
      ['fc.weight', 2, 6],
      ['fc.bias', 2],
    ],
  );
  const folded = {
    shapes: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
    read: async (name: string) => tensors.get(name)?.values ?? new Float32Array(),
  };
  const again = await foldTensors(folded, new Settings(undefined));
  t.deepEqual(again.tensors, tensors, 'what is folded stays as it is');
  await t.throwsAsync(foldTensors(randomCheckpoint({ 'a.weight': [1] }), new Settings(undefined)), {
    message: /no block of .* among 1 tensors \(a\.weight\)/,
  });
});

test('checkpoints are opened by their first bytes, and named where they cannot be', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'x.safetensors');
  const shapes = { 'module.a.weight': [2], 'module.b.weight': [1] };
  const tensors = Object.entries(shapes).map(
    ([name, shape]) => [name, { shape, values: new Float32Array(shape[0] ?? 0).fill(3) }] as const,
  );
  writeFileSync(path, encodeSafetensors(new Map(tensors)));
  const checkpoint = await openCheckpoint(path);
  t.deepEqual(
    [...checkpoint.tensors.shapes],
    [
      ['a.weight', [2]],
      ['b.weight', [1]],
    ],
  );
  t.deepEqual([...(await checkpoint.tensors.read('a.weight'))], [3, 3]);
  await checkpoint.close();
  t.deepEqual(checkpoint.notes, ["names without 'module.'"]);
  writeFileSync(join(folder, 'x.onnx'), 'no checkpoint at all');
  await t.throwsAsync(openCheckpoint(join(folder, 'x.onnx')), {
    instanceOf: FileError,
    message: /x\.onnx: begins as no kind of checkpoint that is known/,
  });
  await t.throwsAsync(openCheckpoint(join(folder, 'y.safetensors')), { instanceOf: FileError, message: /is missing/ });
  const list = join('test', 'fixtures', 'pth', 'protocol-4.pth');
  const listed = await openCheckpoint(list);
  await listed.close();
  t.deepEqual([...listed.tensors.shapes], [['x', [2, 3, 4]]]);
});

test('averaged weights are taken unless others are asked for', async (t) => {
  const path = join('test', 'fixtures', 'import', 'timm.pth.tar');
  const first = async (average: boolean) => {
    const { tensors, notes, close } = await openCheckpoint(path, { average });
    const [value] = await tensors.read('head.fc.bias');
    await close();
    return [value === 0, notes[0]];
  };
  t.deepEqual(await first(true), [false, "weights from 'state_dict_ema' (beside state_dict)"]);
  t.deepEqual(await first(false), [true, "weights from 'state_dict' (beside state_dict_ema)"]);
});

test('of averaged weights in one dict with the others one is taken, and it is said which', async (t) => {
  const path = join(temporaryFolder(t), 'x.safetensors');
  const one = (value: number) => ({ shape: [1], values: Float32Array.of(value) });
  const tensors = { 'model.a.weight': one(1), 'model.b.weight': one(2), 'ema_model.module.a.weight': one(3) };
  writeFileSync(path, encodeSafetensors(new Map(Object.entries(tensors))));
  const read = async (average: boolean) => {
    const { tensors, notes, close } = await openCheckpoint(path, { average });
    const [value] = await tensors.read('a.weight');
    await close();
    return [value, [...tensors.shapes.keys()], notes] as const;
  };
  t.deepEqual(await read(true), [
    3,
    ['a.weight'],
    ["names without 'ema_model.module.'", 'left out the weights as trained, 2 tensors'],
  ]);
  t.deepEqual(await read(false), [
    1,
    ['a.weight', 'b.weight'],
    ["names without 'model.'", 'left out the averaged weights, 1 tensors'],
  ]);
});
