import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { bench } from '../../../../core/app/bench/bench.js';
import { type BenchReport, GROUPS, MEASURES } from '../../../../core/app/bench/report.js';
import { benchTables } from '../../../../core/app/bench/table.js';
import { loadConfig } from '../../../../core/config/load.js';

const TINY = {
  dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 16, test: 16 },
  backbone: { name: 'vgg', depth: 11, width: 0.0625 },
  train: { batchSize: 4 },
  engine: 'wasm',
};

const BLOCK = { channels: 4, size: 6, kernelSize: 3 };

test.serial('every branch op and every strategy is timed, or said why not, beside the plain block', async (t) => {
  const loaded = await loadConfig(TINY);
  const before = tf.engine().state.numTensors;
  const report = await bench(loaded, { groups: GROUPS, block: BLOCK, milliseconds: 4 });
  t.is(tf.engine().state.numTensors, before, 'nothing is left behind');
  t.is(report.engine, 'wasm');
  const named = (group: string) => report.entries.filter((entry) => entry.group === group).map(({ name }) => name);
  const ops = loaded.registry.parts('branch-op').map(({ part }) => part.name);
  t.deepEqual([...named('branch-ops'), 'conv-kxk'].sort(), ['plain', ...ops].sort());
  for (const group of ['blocks', 'networks']) {
    const left = report.skipped.filter((entry) => entry.group === group).map(({ name }) => name);
    for (const { part } of loaded.registry.parts('strategy')) {
      t.true([...named(group), ...left].includes(part.name), `${part.name} in ${group}`);
    }
    t.true(named(group).length > 5);
  }
  t.true(report.skipped.every(({ reason }) => reason.length > 10));
  const told = report.skipped.find(({ name }) => name === 'given')?.reason ?? '';
  t.regex(told, /has options without a default: blocks \(.+\); give a config whose strategy is given/);
  t.true(benchTables(report).includes(`not measured: given among the blocks: ${told}`));
  for (const entry of report.entries) {
    for (const measure of MEASURES) {
      const { median, p99, samples, ratioToPlain } = entry[measure];
      const plain = report.entries.find(({ group, name }) => group === entry.group && name === 'plain');
      t.true(median > 0 && p99 >= median && samples >= 4, `${entry.name}, ${measure}`);
      t.is(ratioToPlain, median / (plain?.[measure].median ?? Number.NaN));
    }
  }
  const lines = benchTables(report).split('\n');
  t.true(report.entries.every(({ name }) => lines.some((line) => line.includes(`| ${name} `))));
});

test.serial('a signal ends the measuring, and nothing is left behind', async (t) => {
  const loaded = await loadConfig(TINY);
  const before = tf.engine().state.numTensors;
  const stop = new AbortController();
  const reason = new Error('enough');
  const options = {
    groups: GROUPS,
    block: BLOCK,
    milliseconds: 4,
    signal: stop.signal,
    onGroup: () => stop.abort(reason),
  };
  t.is(await t.throwsAsync(bench(loaded, options)), reason);
  t.is(tf.engine().state.numTensors, before);
});

const cli = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['dist/core/app/cli/main.js', 'bench', ...args]).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

test.serial('the command writes JSON, an engine each, and refuses names that nobody has', async (t) => {
  const size = ['--time', '4', '--channels', '4', '--size', '6', '--set', 'train.batchSize=2'];
  const { stdout, code } = await cli('--engine', 'wasm,cpu', '--only', 'branch-ops', '--json', ...size);
  t.is(code, 0);
  const reports = JSON.parse(stdout) as BenchReport[];
  t.deepEqual(
    reports.map(({ engine }) => engine),
    ['wasm', 'cpu'],
  );
  t.true(reports.every(({ entries, batch }) => batch === 2 && entries[0]?.training.ratioToPlain === 1));
  const wrong = await cli('--engine', 'wams');
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /there is no engine 'wams'.*Did you mean wasm\?/);
});
