import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { convertCheckpoint } from '../../../../core/app/convert/convert.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { relativeError } from '../../../golden/cases.js';
import { runInOnnx } from '../../../plugins/exporters/plain-onnx.js';
import { NO_PYTORCH, pythonWith } from '../../../pytorch/pytorch.js';

const python = pythonWith('torch');
if (python === undefined) test("ACNet's networks", (t) => t.log(`skipped: ${NO_PYTORCH}`) ?? t.pass());

const CASES: readonly (readonly [name: string, size?: number, precision?: string])[] = [
  ['vgg'],
  ['cifar-quick'],
  ['resnet-18', 45],
  ['resnet-50', 45],
  ['resnet-56'],
  ['wrn-16'],
  ['resnet-18', 45, 'float16'],
  ['vgg', 32, 'bfloat16'],
];

for (const [name, size, precision = 'float32'] of python === undefined ? [] : CASES) {
  test.serial(`${name}, saved in ${precision}: ONNX Runtime answers as PyTorch did`, async (t) => {
    const out = temporaryFolder(t);
    const [checkpoint, model] = [join(out, 'checkpoint.pth'), join(out, 'model.onnx')];
    const argv = [join('test', 'pytorch', 'acnet.py'), name, checkpoint, precision];
    const { images, answers } = JSON.parse(execFileSync(python as string, argv).toString()) as {
      readonly images: number[];
      readonly answers: number[];
    };
    const { network, certificate, notes } = await convertCheckpoint(checkpoint, {
      ...(size !== undefined && { input: [size, size] }),
      targets: [{ format: 'onnx', path: model, single: true }],
    });
    if (!network) return t.fail(notes.join('; '));
    t.true(certificate.passed && certificate.relativeError < 1e-5);
    t.deepEqual(notes.slice(0, 1), ["weights from 'model'"]);
    t.deepEqual(network.graph.input, [size ?? 32, size ?? 32, 3]);
    const { data } = await runInOnnx(readFileSync(model), Float32Array.from(images), network.graph);
    const error = relativeError(data, answers);
    t.true(error < 1e-5, `relative error ${error}`);
  });
}

if (python !== undefined)
  test.serial(
    'a network that flattens its map is refused at another size, and told which tensor does not fit',
    async (t) => {
      const out = temporaryFolder(t);
      const checkpoint = join(out, 'checkpoint.pth');
      execFileSync(python, [join('test', 'pytorch', 'acnet.py'), 'vgg', checkpoint]);
      await t.throwsAsync(convertCheckpoint(checkpoint, { input: [64, 64] }), {
        message: /images of 64 x 64 do not fit this network \(node 'linear1'.*expected the size that it was trained on/,
      });
    },
  );
