import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import sharp from 'sharp';
import { openPth } from '../../../../core/io/formats/pth.js';
import { PthTensor } from '../../../../core/io/formats/pth-tensor.js';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../../../core/io/formats/safetensors.js';
import { convertCheckpoint } from '../../../../core/app/convert/convert.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { type GoldenArray, relativeError, toOurs } from '../../../golden/cases.js';
import { dense, norm, randomCheckpoint, repvggBlock } from '../../io/import/checkpoints.js';
import { runInOnnx } from '../../../plugins/exporters/plain-onnx.js';
import { runInPlainTfjs } from '../../../plugins/exporters/plain-tfjs.js';

const fixtures = join('test', 'fixtures', 'import');
const { images, answers } = JSON.parse(readFileSync(join(fixtures, 'answers.json'), 'utf8')) as {
  readonly images: GoldenArray;
  readonly answers: Readonly<Record<string, readonly number[]>>;
};
const input = [19, 22] as const;
const pixels = Float32Array.from(toOurs(images, 'images'));

for (const file of ['repvgg.pth', 'mobileone.pth', 'timm.pth.tar']) {
  test.serial(`${file}: what is written answers as PyTorch did, in every format`, async (t) => {
    const out = temporaryFolder(t);
    const targets = [
      { format: 'onnx', path: join(out, 'fused.onnx'), single: true },
      { format: 'tfjs', path: join(out, 'layers') },
      { format: 'safetensors', path: join(out, 'fused.safetensors'), single: true },
    ];
    const { network, certificate, exports } = await convertCheckpoint(join(fixtures, file), { input, targets });
    if (!network) return t.fail();
    const expected = answers[file.split('.')[0] as string] ?? [];
    const onnx = await runInOnnx(readFileSync(join(out, 'fused.onnx')), pixels, network.graph);
    t.true(relativeError(onnx.data, expected) < 1e-5);
    const layers = readdirSync(join(out, 'layers')).map(
      (name) => [name, readFileSync(join(out, 'layers', name))] as const,
    );
    const tfjs = await runInPlainTfjs(new Map(layers), pixels, [2, ...network.graph.input]);
    t.true(relativeError(tfjs.data, expected) < 1e-5);
    t.deepEqual(
      exports.map(({ format, checked }) => [
        format,
        'check' in checked ? checked.check.program.split(' ')[0] : checked,
      ]),
      [
        ['onnx', 'onnxruntime-node'],
        ['tfjs', 'tfjs-layers'],
        ['safetensors', { unchecked: 'the exporter knows no program that reads it' }],
      ],
    );
    t.true(certificate.passed);
    const { metadata } = decodeSafetensors(readFileSync(join(out, 'fused.safetensors')), 'fused.safetensors');
    t.is(JSON.parse(metadata['certificate'] ?? '{}').relativeError, certificate.relativeError);
  });
}

test.serial('what was folded once is taken as it is: the deploy form goes in again', async (t) => {
  const out = temporaryFolder(t);
  const once = join(out, 'once.safetensors');
  const targets = [{ format: 'safetensors', path: once, single: true }];
  const first = await convertCheckpoint(join(fixtures, 'repvgg.pth'), { input, targets });
  const second = await convertCheckpoint(once, { input });
  t.deepEqual(second.network?.convolutions, first.network?.convolutions);
  t.deepEqual(second.network?.dense, first.network?.dense);
});

/** The tensors of a fixture, to be written again otherwise. */
async function tensorsOf(file: string): Promise<Map<string, Pick<StoredTensor, 'shape' | 'values'>>> {
  const { value, read, close } = await openPth(join(fixtures, file));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of value as Map<string, unknown>)
    if (tensor instanceof PthTensor) tensors.set(name, await read(tensor));
  await close();
  return tensors;
}

test.serial('nothing is written when a variance is negative, and the tensor is named', async (t) => {
  const out = temporaryFolder(t);
  const tensors = await tensorsOf('repvgg.pth');
  const broken = tensors.get('module.stage1.0.rbr_dense.bn.running_var');
  (broken?.values as Float32Array)[1] = -1;
  const path = join(out, 'broken.safetensors');
  writeFileSync(path, encodeSafetensors(tensors));
  const to = join(out, 'broken.onnx');
  await t.throwsAsync(convertCheckpoint(path, { input, targets: [{ format: 'onnx', path: to, single: true }] }), {
    name: 'CheckpointError',
    message: /'stage1\.0\.rbr_dense\.bn\.running_var' holds -1 at \[1\]; a variance is not negative/,
  });
  t.deepEqual(readdirSync(out), ['broken.safetensors']);
});

test.serial(
  'of a network that is not known the blocks are folded, each held to what was trained; other formats need the network',
  async (t) => {
    const out = temporaryFolder(t);
    const path = join(out, 'detector.safetensors');
    const tensors = randomCheckpoint({
      'backbone.first.weight': [4, 3, 3, 3],
      ...repvggBlock('backbone.body.0', 2, 4),
      'neck.conv.acb.square_conv.weight': [6, 4, 3, 3],
      ...norm('neck.conv.acb.square_bn', 6),
      'neck.conv.acb.ver_conv.weight': [6, 4, 3, 1],
      ...norm('neck.conv.acb.ver_bn', 6),
      'neck.conv.acb.hor_conv.weight': [6, 4, 1, 3],
      ...norm('neck.conv.acb.hor_bn', 6),
      'head.weight': [7, 6],
    });
    const read = [...tensors.shapes].map(
      async ([name, shape]) => [name, { shape, values: await tensors.read(name) }] as const,
    );
    writeFileSync(path, encodeSafetensors(new Map(await Promise.all(read))));
    const to = join(out, 'folded.safetensors');
    const { certificate, network, notes } = await convertCheckpoint(path, {
      targets: [{ format: 'safetensors', path: to, single: true }],
    });
    t.is(network, undefined);
    t.deepEqual(Object.keys(certificate.blocks), ['backbone.body.0', 'neck.conv.acb']);
    t.true(certificate.passed && certificate.relativeError < 1e-5);
    t.regex(notes.at(-1) ?? '', /blocks alone were folded/);
    const folded = decodeSafetensors(readFileSync(to), to).tensors;
    t.deepEqual(folded.get('neck.conv.acb.fused_conv.weight')?.shape, [6, 4, 3, 3]);
    t.deepEqual(folded.get('head.weight')?.shape, [7, 6]);
    const onnx = { format: 'onnx', path: join(out, 'x.onnx'), single: true };
    await t.throwsAsync(convertCheckpoint(path, { targets: [onnx] }), {
      name: 'TargetError',
      message: /needs the whole network/,
    });
  },
);

test.serial(
  'squeeze and excitation is a part of the network, and goes out in the names that it came with',
  async (t) => {
    const out = temporaryFolder(t);
    const path = join(out, 'd2se.safetensors');
    const gate = {
      'stage1.0.se.down.weight': [1, 4, 1, 1],
      'stage1.0.se.down.bias': [1],
      'stage1.0.se.up.weight': [4, 1, 1, 1],
      'stage1.0.se.up.bias': [4],
    };
    const blocks = { ...repvggBlock('stage0', 3, 4), ...repvggBlock('stage1.0', 4, 4) };
    const tensors = randomCheckpoint({ ...blocks, ...gate, ...dense('linear', 4, 2) });
    const read = [...tensors.shapes].map(
      async ([name, shape]) => [name, { shape, values: await tensors.read(name) }] as const,
    );
    writeFileSync(path, encodeSafetensors(new Map(await Promise.all(read))));
    const onnx = { format: 'onnx', path: join(out, 'x.onnx'), single: true };
    const { exports } = await convertCheckpoint(path, { targets: [onnx] });
    t.true('check' in (exports[0]?.checked ?? {}), 'ONNX Runtime computes the same');
    const to = join(out, 'folded.safetensors');
    await convertCheckpoint(path, { targets: [{ format: 'safetensors', path: to, single: true }] });
    t.deepEqual(
      [...decodeSafetensors(readFileSync(to), to).tensors.keys()].sort(),
      [
        ...['stage0', 'stage1.0'].flatMap((name) => [`${name}.rbr_reparam.bias`, `${name}.rbr_reparam.weight`]),
        ...Object.keys(gate),
        'linear.bias',
        'linear.weight',
      ].sort(),
    );
  },
);

const repnas = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [join('dist', 'core', 'app', 'cli', 'main.js'), ...args]);

test.serial('repnas fuse CHECKPOINT -o model.onnx is the whole way', async (t) => {
  const out = temporaryFolder(t);
  const model = join(out, 'new', 'model.onnx');
  const { stdout, stderr } = await repnas('fuse', join(fixtures, 'repvgg.pth'), '-o', model, '--size', '19x22');
  t.true(JSON.parse(stdout).passed);
  t.regex(stderr, /names without 'module\.'/);
  t.regex(stderr, /onnx: .* onnxruntime-node [\d.]+ computes the same on 1 random images/);
  const graph = { input: [19, 22, 3], classes: 5, nodes: [] } as const;
  t.true(relativeError((await runInOnnx(readFileSync(model), pixels, graph)).data, answers['repvgg'] ?? []) < 1e-5);
  t.deepEqual(readdirSync(join(out, 'new')), ['model.onnx']);
});

test.serial('repnas import writes a folder a format, and what it found', async (t) => {
  const out = temporaryFolder(t);
  const folder = join(out, 'timm');
  const formats = ['--format', 'onnx', '--format', 'safetensors'];
  await repnas('import', join(fixtures, 'timm.pth.tar'), ...formats, '-o', folder, '--size', '19x22');
  t.deepEqual(readdirSync(folder).sort(), ['import.json', 'onnx', 'safetensors']);
  const report = JSON.parse(readFileSync(join(folder, 'import.json'), 'utf8'));
  t.deepEqual(report.notes, [
    "weights from 'state_dict_ema' (beside state_dict)",
    'checked on random images, since none were given (--data)',
  ]);
  t.true(report.certificate.randomImages);
  t.deepEqual(report.architecture['stage1.block2'], ['conv-kxk', 'conv-kxk', 'conv-1x1', 'identity']);
  t.true(report.certificate.passed);
  t.true(existsSync(join(folder, 'onnx', 'model.onnx')));
});

test.serial('usage that cannot be meant ends with code 2 and says what was expected', async (t) => {
  const out = temporaryFolder(t);
  const fails = async (...args: readonly string[]) => {
    const { code, stderr } = (await t.throwsAsync(repnas(...args))) as { code?: number; stderr?: string };
    return [code, stderr] as const;
  };
  const checkpoint = join(fixtures, 'repvgg.pth');
  const [code, stderr] = await fails('fuse', checkpoint, '-o', join(out, 'x.onnx'), '--size', 'large');
  t.is(code, 2);
  t.regex(stderr ?? '', /--size large: expected pixels/);
  t.regex(
    (await fails('import', checkpoint, '--format', 'caffe', '-o', out))[1] ?? '',
    /no format 'caffe'; expected one of tfjs, onnx/,
  );
  t.is((await fails('fuse', join(out, 'nothing.pth')))[0], 2);
  t.regex((await fails('fuse', out, '--data', out))[1] ?? '', /--data is for a checkpoint, and .* is a run/);
  t.regex((await fails('fuse', checkpoint, '--mean', '0.5'))[1] ?? '', /--mean and --deviation are given together/);
  t.regex((await fails('fuse', checkpoint, '--option', 'int8'))[1] ?? '', /--option int8: expected key=value/);
  t.regex((await fails('fuse', checkpoint, '--images', '0'))[1] ?? '', /--images 0: expected a whole number/);
});

test.serial(
  'real images: checked and measured on, int8 fitted to; refused where sizes or classes are not the network’s',
  async (t) => {
    const out = temporaryFolder(t);
    const checkpoint = join(fixtures, 'repvgg.pth');
    const data = (classes: number, size = 32) => ({
      dataset: { name: 'synthetic', classes, shape: [size, size, 3], train: 40, test: 30 },
    });
    const target = (name: string, options = {}) => ({ format: 'onnx', path: join(out, name), single: true, options });
    const { certificate, accuracy, notes, exports, network } = await convertCheckpoint(checkpoint, {
      data: data(5),
      targets: [target('float.onnx'), target('int8.onnx', { precision: 'int8' })],
    });
    t.is(certificate.images, 8);
    t.is(certificate.randomImages, undefined);
    t.is(accuracy?.images, 30);
    t.is(notes[0], "names without 'module.'");
    // The network has never seen these images.
    t.regex(notes[1] ?? '', /^WARNING: an accuracy of 20\.00 % .* is what chance gives with 5 classes/);
    t.deepEqual(network?.graph.input, [32, 32, 3]);
    const [float, rounded] = exports.map(({ checked }) => ('check' in checked ? checked.check : undefined));
    t.true((float?.relativeError ?? 1) < 1e-4);
    t.true((rounded?.relativeError ?? 0) > 1e-4);
    t.true(Math.abs((rounded?.accuracy ?? 0) + (rounded?.accuracyLost ?? 0) - (accuracy?.fused ?? 1)) < 1e-12);
    const other = await convertCheckpoint(checkpoint, { data: data(3) });
    t.is(other.accuracy, undefined);
    t.regex(other.notes.at(-1) ?? '', /the images are of 3 classes, the network names 5/);
    await t.throwsAsync(
      convertCheckpoint(checkpoint, { data: data(3), targets: [target('x.onnx', { precision: 'int8' })] }),
      {
        message: /no images with labels of its classes/,
      },
    );
    await t.throwsAsync(convertCheckpoint(checkpoint, { data: data(5), input: [64, 64] }), {
      message: /the images given are 32 x 32 x 3, and the network is for 64 x 64 x 3/,
    });
    t.deepEqual(readdirSync(out).sort(), ['float.onnx', 'int8.onnx']);
  },
);

test.serial('repnas fuse CHECKPOINT --data FOLDER is checked on its images, and int8 fitted to them', async (t) => {
  const out = temporaryFolder(t);
  for (const [label, name] of ['ant', 'bee', 'cat', 'dog', 'elk'].entries()) {
    for (const [folder, count] of [
      ['train', 3],
      ['val', 2],
    ] as const) {
      mkdirSync(join(out, 'images', folder, name), { recursive: true });
      for (let at = 0; at < count; at++) {
        const background = { r: 40 * label, g: 200 - 30 * at, b: 90 };
        const image = sharp({ create: { width: 50, height: 40, channels: 3, background } }).jpeg();
        await image.toFile(join(out, 'images', folder, name, `${at}.jpg`));
      }
    }
  }
  const model = join(out, 'model.onnx');
  const images = ['--data', join(out, 'images'), '--size', '32', '--option', 'precision=int8'];
  const { stdout, stderr } = await repnas('fuse', join(fixtures, 'repvgg.pth'), '-o', model, ...images);
  t.is(JSON.parse(stdout).images, 8);
  t.regex(stderr, /accuracy [\d.]+ % on 10 test images/);
  t.regex(stderr, /onnx: .* lost by rounding, the same class for [\d.]+ % of 8 images/);
  t.true(existsSync(model));
});
