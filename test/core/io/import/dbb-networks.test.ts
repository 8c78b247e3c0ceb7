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
if (python === undefined) test("DBB's networks", (t) => t.log(`skipped: ${NO_PYTORCH}`) ?? t.pass());

const CASES = ['resnet-18 dbb', 'resnet-50 dbb', 'resnet-18 acnet', 'mobilenet dbb', 'mobilenet acnet'];

for (const name of python === undefined ? [] : CASES) {
  test.serial(`${name}: what PyTorch saved is folded, and ONNX Runtime answers as PyTorch did`, async (t) => {
    const out = temporaryFolder(t);
    const [checkpoint, model] = [join(out, 'checkpoint.pth'), join(out, 'model.onnx')];
    const argv = [join('test', 'pytorch', 'networks.py'), ...name.split(' '), checkpoint];
    const { images, answers } = JSON.parse(execFileSync(python as string, argv).toString()) as {
      readonly images: number[];
      readonly answers: number[];
    };
    const { network, certificate, notes } = await convertCheckpoint(checkpoint, {
      input: [45, 52],
      targets: [{ format: 'onnx', path: model, single: true }],
    });
    if (!network) return t.fail();
    t.true(certificate.passed && certificate.relativeError < 1e-5);
    t.deepEqual(notes.slice(0, 2), ["weights from 'state_dict'", "names without 'module.'"]);
    const { data } = await runInOnnx(readFileSync(model), Float32Array.from(images), network.graph);
    const error = relativeError(data, answers);
    t.true(error < 1e-5, `relative error ${error}`);
  });
}
