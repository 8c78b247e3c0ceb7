import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import type { RunResult } from '../../core/run/result.js';
import { temporaryFolder } from '../core/run/tiny.js';
import { repnas } from '../faults/command.js';

const PREPARE = '../shared/data/cifar10/prepare.mjs';

test('on colour photographs a fused network is far above chance and names every image as the multi-branch one', async (t) => {
  if (!existsSync(PREPARE)) {
    t.log(`skipped: there are no photographs, ${PREPARE} is missing`);
    t.pass();
    return;
  }
  const folder = temporaryFolder();
  await promisify(execFile)(process.execPath, [PREPARE, folder]);
  const settings = [
    `dataset.path=${folder}`,
    'dataset.limit.train=3000',
    'train.epochs={"warmUp":1,"search":1,"frozen":4}',
    'baseline=false',
    'observers=[]',
  ];
  const args = ['run', 'repnas:cifar10-vgg16-toy', '--json', '--out', join(folder, 'runs')];
  const { code, stdout, stderr } = await repnas([...args, ...settings.flatMap((value) => ['--set', value])]).ended;
  t.is(code, 0, stderr);
  const { main } = JSON.parse(stdout) as RunResult;
  t.log(
    `accuracy ${main.accuracy.fused} of ${main.testImages} images, relative error ${main.certificate.relativeError}`,
  );
  t.is(main.testImages, 1000);
  // Ten classes; 1000 guesses are right in 10 ± 1 %.
  t.true(main.accuracy.fused > 0.2, `accuracy ${main.accuracy.fused}`);
  t.is(main.accuracy.fused, main.accuracy.multiBranch);
  t.is(main.argmaxAgreement, 1);
  t.true(main.certificate.relativeError <= 1e-4);
});
