import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { importNetwork } from '../../../../core/io/import/import-network.js';
import { openCheckpoint } from '../../../../core/io/import/open.js';
import { FusedModel } from '../../../../core/reparam/network/fuse.js';
import { createRandomSource } from '../../../../core/train/random/index.js';
import { cpu } from '../../../../plugins/engines/cpu.js';
import { type GoldenArray, relativeError, toOurs } from '../../../golden/cases.js';

const folder = join('test', 'fixtures', 'import');
const { images, answers } = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as {
  readonly images: GoldenArray;
  readonly answers: Readonly<Record<string, readonly number[]>>;
};

test.before(async () => {
  await cpu.start({});
});

const options = { input: [19, 22], check: { images: 2, size: 16 } } as const;

for (const file of ['repvgg.pth', 'mobileone.pth', 'timm.pth.tar']) {
  test.serial(`${file}: a trained network becomes a plain one that answers the same`, async (t) => {
    const before = tf.memory().numTensors;
    const checkpoint = await openCheckpoint(join(folder, file));
    const { network, certificate, notes } = await importNetwork(checkpoint, createRandomSource(1), options);
    await checkpoint.close();
    t.log(notes.join('; '));
    const model = new FusedModel(network);
    const found = tf.tidy(() => model.infer(tf.tensor4d(toOurs(images, 'images'), [2, 19, 22, 3])).dataSync());
    model.dispose();
    const error = relativeError(found, answers[file.split('.')[0] as string] ?? []);
    t.true(error < 1e-5, `relative error ${error}`);
    t.true(certificate.passed);
    t.true(certificate.relativeError < 1e-5);
    t.is(Object.keys(certificate.blocks).length, network.convolutions.size);
    t.is(tf.memory().numTensors, before);
  });
}
