import { join } from 'node:path';
import test from 'ava';
import { benchDeploy } from '../../../../core/app/bench/deploy.js';
import { deployTable } from '../../../../core/app/bench/table.js';
import { convertCheckpoint } from '../../../../core/app/convert/convert.js';
import { createRun } from '../../../../core/run/run.js';
import { temporaryFolder } from '../../../folders/temporary.js';
import { tiny } from '../../run/tiny.js';

test("a finished run's network: unfused, fused, and in onnxruntime-node, all in one run; rounding costs what is reported", async (t) => {
  const out = temporaryFolder(t);
  const { importance: _, ...plain } = tiny(out);
  const config = { ...plain, strategy: 'dbb', export: [{ name: 'onnx', precision: 'int8' }] };
  const { main, folder } = await createRun(config, { name: 'run', interactive: false }).done;
  const rounded = main.exportChecks['onnx'];
  if (!rounded || !('check' in rounded)) return t.fail(JSON.stringify(rounded));
  const { accuracy = Number.NaN, accuracyLost = Number.NaN, images } = rounded.check;
  t.is(images, 24);
  t.true(Math.abs(accuracy + accuracyLost - main.accuracy.fused) < 1e-12);

  const report = await benchDeploy(folder, { milliseconds: 20, engine: 'cpu', warn: (message) => t.log(message) });
  t.true('check' in report.checked && report.checked.check.relativeError < 1e-4);
  const [unfused, fused] = report.entries;
  t.deepEqual(
    report.entries.map(({ name }) => name.replace(/ [\d.]+$/, '')),
    ['unfused', 'fused', 'fused, onnxruntime-node'],
  );
  for (const { latency, throughput, memory, file } of report.entries) {
    t.true(latency[1].p99 >= latency[1].median && latency[1].median > 0);
    t.true(Math.abs(throughput - 32_000 / latency[32].median) < 1e-6);
    t.true(memory > 0 && file > 0);
  }
  t.true((fused?.file ?? 0) < (unfused?.file ?? 0));
  t.regex(deployTable(report), /\| unfused .*\n\| fused .*\n\| fused, onnxruntime-node/);
  t.regex(deployTable(report), new RegExp(`## ${join(out, 'run')}`));
});

test('a checkpoint of another program, with its branches and without; what is fused already comes without', async (t) => {
  const checkpoint = join('test', 'fixtures', 'import', 'repvgg.pth');
  const options = {
    milliseconds: 20,
    engine: 'cpu',
    size: [40, 40] as const,
    warn: (message: string) => t.log(message),
  };
  const report = await benchDeploy(checkpoint, options);
  t.deepEqual(report.image, [40, 40, 3]);
  t.deepEqual(
    report.entries.map(({ name }) => name.replace(/ [\d.]+$/, '')),
    ['unfused', 'fused', 'fused, onnxruntime-node'],
  );
  t.true(report.entries.every(({ memory, file }) => memory > 0 && file > 0));

  const path = join(temporaryFolder(t), 'fused.safetensors');
  const target = { format: 'safetensors', path, single: true };
  await convertCheckpoint(checkpoint, { input: [40, 40], engine: 'cpu', targets: [target] });
  const again = await benchDeploy(path, options);
  t.deepEqual(
    again.entries.map(({ name }) => name.replace(/ [\d.]+$/, '')),
    ['fused', 'fused, onnxruntime-node'],
  );
});

test('an exported model, in the program that reads it', async (t) => {
  const out = temporaryFolder(t);
  const targets = [
    { format: 'onnx', path: join(out, 'any.onnx'), single: true },
    { format: 'tfjs', path: join(out, 'layers') },
  ];
  const checkpoint = join('test', 'fixtures', 'import', 'mobileone.pth');
  await convertCheckpoint(checkpoint, { input: [40, 36], engine: 'cpu', targets });
  const options = { milliseconds: 20, engine: 'cpu', warn: (message: string) => t.log(message) };
  for (const [path, name] of [
    ['any.onnx', /^fused, onnxruntime-node/],
    ['layers', /^fused, tfjs-layers .* on cpu$/],
  ] as const) {
    const { image, entries } = await benchDeploy(join(out, path), options);
    t.deepEqual(image, [40, 36, 3]);
    t.is(entries.length, 1);
    t.regex(entries[0]?.name ?? '', name);
    t.true((entries[0]?.memory ?? 0) > 0 && (entries[0]?.file ?? 0) > 1000);
  }
});
