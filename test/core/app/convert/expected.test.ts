import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { convertCheckpoint } from '../../../../core/app/convert/convert.js';
import { decodeSafetensors, encodeSafetensors } from '../../../../core/io/formats/safetensors.js';
import { temporaryFolder } from '../../../folders/temporary.js';

const CASES = join('test', 'cases', 'checkpoints');
const [network, answers] = [join(CASES, 'n03-qarepvgg-v2.pth'), join(CASES, 'n03-qarepvgg-v2.io.safetensors')];

test.serial('without answers a fold proves itself alone, and says what was assumed', async (t) => {
  const { certificate } = await convertCheckpoint(network, { engine: 'cpu', input: [32, 32] });
  t.is(certificate.proof, 'fold');
  const assumed = certificate.basis?.assumed.join('; ') ?? '';
  for (const what of [
    /epsilon 0\.00001/,
    /strides: 2 of stage0, 2 of stage1\.0/,
    /activation relu/,
    /identity without tensors/,
  ])
    t.regex(assumed, what);
});

test.serial("with the network's own answers it proves that network", async (t) => {
  const { certificate } = await convertCheckpoint(network, { engine: 'cpu', expect: answers });
  t.is(certificate.proof, 'network');
  t.true((certificate.expected?.relativeError ?? 1) < 1e-5);
});

test.serial(
  'another network is refused by its answers, naming what was assumed, and so is one told otherwise',
  async (t) => {
    const path = join(temporaryFolder(t), 'other.safetensors');
    const { tensors } = decodeSafetensors(readFileSync(answers), answers);
    const [x, y] = [tensors.get('x'), tensors.get('y')];
    if (!x || !y) return t.fail();
    const other = Float32Array.from(y.values, Number).map((value, at) => value + (at === 0 ? 1 : 0));
    writeFileSync(
      path,
      encodeSafetensors(
        new Map([
          ['x', x],
          ['y', { ...y, values: other }],
        ]),
      ),
    );
    const refused = {
      name: 'CertificateError',
      message: /does not answer as .*other\.safetensors says: .*what was assumed: .*strides/,
    };
    await t.throwsAsync(convertCheckpoint(network, { engine: 'cpu', expect: path }), refused);
    const told = { engine: 'cpu', expect: answers, strides: [1, 2] } as const;
    await t.throwsAsync(convertCheckpoint(network, told), { name: 'CertificateError', message: /relative error/ });
  },
);

test.serial('epsilon that decides everything is not guessed', async (t) => {
  const path = join(temporaryFolder(t), 'small.safetensors');
  const values = (name: string, length: number) =>
    new Float32Array(length).fill(name.endsWith('running_var') ? 3e-4 : 0.1);
  const shapes: [string, number[]][] = [
    ['stage0.rbr_dense.conv.weight', [4, 3, 3, 3]],
    ['stage0.rbr_1x1.conv.weight', [4, 3, 1, 1]],
  ];
  for (const branch of ['rbr_dense.bn', 'rbr_1x1.bn'])
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      shapes.push([`stage0.${branch}.${part}`, [4]]);
  shapes.push(['linear.weight', [2, 4]], ['linear.bias', [2]]);
  const tensors = shapes.map(([name, shape]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return [name, { shape, values: values(name, length) }] as const;
  });
  writeFileSync(path, encodeSafetensors(new Map(tensors)));
  await t.throwsAsync(convertCheckpoint(path, { engine: 'cpu', input: [16, 16] }), {
    message: /--epsilon 1e-5 .*--epsilon 1e-3/,
  });
  const { certificate } = await convertCheckpoint(path, { engine: 'cpu', input: [16, 16], epsilon: 1e-3 });
  t.deepEqual(certificate.basis?.told.includes('batch-norm epsilon 0.001 (2 times)'), true);
});
