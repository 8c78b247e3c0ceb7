import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import type { NumberedEvent, Plugin } from '../../../core/contracts/index.js';
import { createFinish, createRun, InterruptedError } from '../../../core/run/run.js';
import { temporaryFolder, tiny } from './tiny.js';

test('a finished run is fused, proved, evaluated and exported once more, with the figures that it ended with', async (t) => {
  const out = temporaryFolder();
  const { folder, main } = await createRun(tiny(out), { name: 'run', interactive: false }).done;
  const { events$, done } = createFinish('run', { cwd: out, formats: ['safetensors'], out: 'model' });
  const events: NumberedEvent[] = [];
  events$.subscribe((event) => events.push(event));
  const again = await done;
  t.deepEqual(
    events.map(({ type }) => type),
    ['certificate', 'evaluation', 'evaluation', 'export'],
  );
  t.deepEqual(
    events.map(({ sequence }) => sequence),
    [0, 1, 2, 3],
  );
  t.deepEqual(again.accuracy, main.accuracy);
  t.is(again.certificate.relativeError, main.certificate.relativeError);
  t.deepEqual(again.exports, { safetensors: 'model/safetensors' });
  t.true(existsSync(join(out, 'model/safetensors')));
  t.deepEqual((await createFinish(folder, { formats: [] }).done).exports, {});
});

test('a signal stops it after the running batch, with nothing written', async (t) => {
  const out = temporaryFolder();
  await createRun(tiny(out), { name: 'run', interactive: false }).done;
  const stop = new AbortController();
  const { events$, done } = createFinish('run', { cwd: out, formats: ['onnx'], out: 'model', signal: stop.signal });
  events$.subscribe({ next: ({ type }) => type === 'certificate' && stop.abort(), error: () => {} });
  await t.throwsAsync(done, { instanceOf: InterruptedError, message: /nothing is written half/ });
  t.false(existsSync(join(out, 'model')));
});

const CONFIG = `
import { embed, withoutBias } from 'repnas/fold';
import { z } from 'zod';
const op = {
  name: 'conv-centre',
  summary: 'the middle pixel',
  options: z.strictObject({}),
  exists: () => true,
  kernels: ({ inChannels, outChannels }) => [{ name: 'kernel', height: 1, width: 1, inputs: inChannels, outputs: outChannels }],
  forward: (input, branch) => branch.convolve(input, branch.kernel('kernel'), { stride: branch.block.stride }),
  fold: (weights, { kernelSize }) => withoutBias(embed(weights.kernel('kernel'), kernelSize)),
  macs: () => 0,
};
const plugin = { name: 'own', apiVersion: 1, setup: (host) => host.add('branch-op', op) };
export default { plugins: [plugin], searchSpace: { branches: ['conv-centre'] }, budget: { keptRatio: 1 } };
`;

test('a plugin that the config lists as an object is there again: from its file, or given by the program', async (t) => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(resolve('.'), join(cwd, 'node_modules/repnas'));
  symlinkSync(resolve('node_modules/zod'), join(cwd, 'node_modules/zod'));
  writeFileSync(join(cwd, 'base.mjs'), CONFIG);
  const { folder } = await createRun(
    { extends: [tiny(cwd), './base.mjs'] },
    { cwd, name: 'listed', interactive: false },
  ).done;
  await t.throwsAsync(createFinish(folder, { formats: [] }).done, { message: /base\.mjs, a program that would run/ });
  t.true((await createFinish(folder, { formats: [], trustPlugins: true }).done).certificate.passed);
  const { default: config } = (await import(join(cwd, 'base.mjs'))) as { default: { plugins: Plugin[] } };
  const inline = await createRun({ ...tiny(cwd), ...config }, { cwd, name: 'inline', interactive: false }).done;
  await t.throwsAsync(createFinish(inline.folder).done, { message: /a plugin that was given as an object/ });
  const { plugins } = config;
  t.true((await createFinish(inline.folder, { formats: [], plugins }).done).certificate.passed);
});

test('a folder without a finished run is refused', async (t) => {
  await t.throwsAsync(createFinish(temporaryFolder()).done, { message: /config\.json/ });
});
