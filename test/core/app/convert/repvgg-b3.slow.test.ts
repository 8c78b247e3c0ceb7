import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { temporaryFolder } from '../../../folders/temporary.js';
import { repvggShapes, writeRandomSafetensors } from '../../io/import/large-checkpoint.js';

const GIGABYTES = 3;

test('repnas fuse folds RepVGG-B3 at its real widths in less than 3 GB, and says how long it took', async (t) => {
  const folder = temporaryFolder(t);
  const [checkpoint, model, usage] = ['b3.safetensors', 'b3.onnx', 'usage.json'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeRandomSafetensors(checkpoint, repvggShapes('b3'));
  t.true(statSync(checkpoint).size > 490e6);
  const note = `import { writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage())));`;
  const began = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    `data:text/javascript,${encodeURIComponent(note)}`,
    join('dist', 'core', 'app', 'cli', 'main.js'),
    ...['fuse', checkpoint, '-o', model],
  ]);
  const wall = (performance.now() - began) / 1000;
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(usage, 'utf8')) as NodeJS.ResourceUsage;
  const cpu = (userCPUTime + systemCPUTime) / 1e6;
  const memory = (maxRSS * 1024) / 1e9;
  t.log(
    `${wall.toFixed(1)} s (${cpu.toFixed(1)} s of processor time on ${availableParallelism()} cores), ${memory.toFixed(2)} GB`,
  );
  const { passed, relativeError, blocks } = JSON.parse(stdout);
  t.true(passed && relativeError < 1e-5);
  t.is(Object.keys(blocks).length, 28);
  t.true(statSync(model).size > 440e6);
  t.true(memory < GIGABYTES);
});
