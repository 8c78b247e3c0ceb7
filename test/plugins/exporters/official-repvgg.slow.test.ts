import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import test, { type ExecutionContext } from 'ava';
import { wholeContent } from '../../../core/io/files/index.js';
import { fuseNetwork, trainedNetwork } from '../../../core/reparam/network/fuse.js';
import { repvgg } from '../../../plugins/backbones/repvgg.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { safetensors } from '../../../plugins/exporters/safetensors.js';
import { exact } from '../../../plugins/fusers/exact.js';
import { temporaryFolder } from '../../folders/temporary.js';
import { relativeError } from '../../golden/cases.js';
import { NO_PYTORCH, pythonWith } from '../../pytorch/pytorch.js';
import { randomImages } from '../../reference/fused-networks.js';
import { randomTrained } from './trained-networks.js';

const python = pythonWith('torch');
if (python === undefined) test('PyTorch', (t) => t.log(`skipped: ${NO_PYTORCH}`) ?? t.pass());

test.before(async () => {
  await cpu.start({});
});

const INPUT = [33, 35, 3] as const;

for (const variant of python === undefined ? [] : ['a0', 'b1g4'])
  test.serial(`RepVGG-${variant} at its real widths: both published codes load it strictly, trained and fused`, (t) =>
    answersAlike(t, variant),
  );

async function answersAlike(t: ExecutionContext, variant: string) {
  const folder = temporaryFolder(t);
  const supernet = randomTrained(repvgg.build(INPUT, 10, repvgg.options.parse({ variant })), [
    'conv-kxk',
    'conv-1x1',
    'identity',
  ]);
  const network = fuseNetwork(
    supernet,
    { definition: exact, options: {} },
    {
      classes: [],
      normalisation: { mean: [0], deviation: [1] },
      architecture: {},
      certificate: {},
    },
  );
  const files: { code: string; form: string; file: string }[] = [];
  for (const code of ['repvgg', 'timm'])
    for (const form of ['training', 'fused']) {
      const options = safetensors.options.parse({ names: code, form });
      const written = await safetensors.export(network, options, { trained: () => trainedNetwork(supernet) });
      const file = join(folder, `${code}-${form}.safetensors`);
      writeFileSync(file, wholeContent(written.get('model.safetensors') ?? ''));
      files.push({ code, form, file });
    }
  const images = randomImages(INPUT, 2);
  const expected = tf.tidy(() => supernet.infer(tf.tensor4d(images, [2, ...INPUT])).dataSync());
  supernet.dispose();
  const input = JSON.stringify({ variant, files, images: [...images], shape: [2, ...INPUT] });
  const answers = JSON.parse(
    execFileSync(python as string, [join('test', 'pytorch', 'repvgg.py')], { input }).toString(),
  ) as number[][];
  for (const [at, { code, form }] of files.entries()) {
    const error = relativeError(answers[at] ?? [], expected);
    t.true(error < 1e-5, `${code}, ${form}: relative error ${error}`);
  }
}
