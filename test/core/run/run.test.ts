import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import type { NumberedEvent } from '../../../core/contracts/index.js';
import { createRun, createSearch, InterruptedError, type RunOptions } from '../../../core/run/run.js';
import { temporaryFolder, tiny } from './tiny.js';

const DECISIVE = ['architecture.json', 'weights.safetensors', 'events.jsonl', 'certificate.json'];

const bytes = (folder: string): string[] => DECISIVE.map((file) => readFileSync(join(folder, file), 'latin1'));

/** Runs to the end, or stops once `until` says so of an event. */
async function run(
  out: string,
  options: RunOptions & { config?: object; until?: (event: NumberedEvent) => boolean } = {},
) {
  const controller = new AbortController();
  const { config = {}, until, ...given } = options;
  const events: NumberedEvent[] = [];
  const { events$, done } = createRun(
    { ...tiny(out), ...config },
    { name: 'run', interactive: false, signal: controller.signal, ...given },
  );
  events$.subscribe({
    next: (event) => {
      events.push(event);
      if (until?.(event)) controller.abort();
    },
    error: () => undefined,
  });
  return { done, events, folder: join(out, 'run') };
}

test.serial('the main job: searches, trains, fuses, verifies, evaluates and leaves its files', async (t) => {
  const { done, events, folder } = await run(temporaryFolder(), { config: { baseline: 'plain', export: ['tfjs'] } });
  const { main, baseline } = await done;
  t.deepEqual(
    events.map(({ sequence }) => sequence),
    events.map((_, at) => at),
    'numbered without gaps',
  );
  t.is(events[0]?.type, 'run-started');
  t.is(events.at(-1)?.type, 'done');
  t.deepEqual(
    events.flatMap((event) => (event.type === 'phase-started' ? [event.phase] : [])),
    ['warm-up', 'search', 'frozen', 'train'],
  );
  t.true(main.certificate.passed && main.certificate.relativeError < 1e-4);
  t.is(main.accuracy.fused, main.accuracy.multiBranch);
  t.is(main.argmaxAgreement, 1);
  t.is(main.engine, 'cpu');
  t.is(baseline?.strategy, 'plain');
  t.deepEqual(baseline?.kept, { 'conv-kxk': 8 });
  t.true(main.cost.training.parameters > main.cost.fused.parameters);
  t.deepEqual(main.cost.fused, baseline?.cost.fused);
  for (const file of [
    'config.json',
    'run.json',
    'result.json',
    'model/tfjs/model.json',
    'baseline/result.json',
    ...DECISIVE,
  ]) {
    t.true(existsSync(join(folder, file)), file);
  }
});

test.serial('the budget holds over all layers, and no block is empty', async (t) => {
  const { done } = await run(temporaryFolder(), { config: { budget: { branches: 9 } } });
  const { main } = await done;
  const counts = Object.values(main.architecture).map(({ length }) => length);
  t.is(
    counts.reduce((sum, count) => sum + count, 0),
    9,
  );
  t.true(counts.every((count) => count > 0));
});

test.serial('the same seed gives the same events and weights, another seed others', async (t) => {
  const [a, b, c] = [
    await run(temporaryFolder()),
    await run(temporaryFolder()),
    await run(temporaryFolder(), { config: { seed: 8 } }),
  ];
  await Promise.all([await a.done, await b.done, await c.done]);
  const strip = (events: readonly NumberedEvent[]) => events.filter(({ type }) => type !== 'done');
  t.deepEqual(strip(a.events), strip(b.events));
  t.deepEqual(bytes(a.folder).slice(0, 2), bytes(b.folder).slice(0, 2));
  t.notDeepEqual(bytes(a.folder)[1], bytes(c.folder)[1]);
});

test.serial('a run that is stopped anywhere and resumed ends with the same bytes', async (t) => {
  const config = { baseline: 'plain', checkpoint: { everySteps: 2 } };
  const whole = await run(temporaryFolder(), { config });
  await whole.done;
  const expected = bytes(whole.folder).map((text) => text.replaceAll(whole.folder, 'FOLDER'));
  // In the middle of an epoch, and at the end of one, with and without a checkpoint after the step.
  for (const stop of [2, 3, 6]) {
    const out = temporaryFolder();
    const notes: string[] = [];
    const until = (event: NumberedEvent): boolean => event.type === 'step' && event.step === stop;
    const first = await run(out, { config, until });
    await t.throwsAsync(first.done, { instanceOf: InterruptedError });
    const second = await run(out, { config, resume: true, note: (message) => notes.push(message) });
    await second.done;
    t.regex(
      notes.join('\n'),
      new RegExp(`^resumed from checkpoints/step-0000000${stop}\\S*-stopped, after step ${stop}$`),
    );
    const found = bytes(second.folder).map((text) => text.replaceAll(second.folder, 'FOLDER'));
    t.deepEqual(found, expected, `stopped after step ${stop}`);
  }
});

test.serial('a search stops at the architecture', async (t) => {
  const out = temporaryFolder();
  const { done } = createSearch(tiny(out), { name: 'run', interactive: false });
  const { architecture, file } = await done;
  t.is(Object.keys(architecture).length, 8);
  t.deepEqual(JSON.parse(readFileSync(file, 'utf8')).blocks, architecture);
  t.false(existsSync(join(out, 'run', 'result.json')));
});

test.serial('tensors are given back, step by step and at the end', async (t) => {
  const before = tf.memory().numTensors;
  const counts: number[] = [];
  const { events$, done } = createRun(tiny(temporaryFolder()), { interactive: false });
  events$.subscribe({
    next: (event) => void (event.type === 'step' && event.phase === 'frozen' && counts.push(tf.memory().numTensors)),
  });
  await done;
  t.true(counts.length > 1);
  t.is(new Set(counts.slice(1)).size, 1, `tensors after each step: ${counts}`);
  t.is(tf.memory().numTensors, before);
});

test.serial('what does not fit is told before anything is written', async (t) => {
  const out = temporaryFolder();
  const refuse = async (config: object, message: RegExp) => {
    const { done } = await run(out, { config });
    await t.throwsAsync(done, { message });
    t.deepEqual(readdirSync(out), []);
  };
  await refuse({ budget: { branches: 5000 } }, /budget\.branches is 5000; expected between 1 and \d+/);
  await refuse({ engine: 'gpu9000' }, /engine[\s\S]*found +"gpu9000"[\s\S]*expected +one of/);
  await refuse({ dataset: { name: 'cifar10', path: 'no-such-folder' } }, /no-such-folder/);
});

test.serial('a run folder that exists is left alone, unless told otherwise', async (t) => {
  const out = temporaryFolder();
  await (await run(out)).done;
  await t.throwsAsync((await run(out)).done, { message: /holds a run already; give --resume/ });
  await t.notThrowsAsync((await run(out, { force: true })).done);
  await t.throwsAsync((await run(out, { resume: true, config: { budget: { branches: 20 } } })).done, {
    message: /budget\.branches: was absent, is 20/,
  });
});

test.serial('a loss that is not a number stops the run at its step and keeps the checkpoint before', async (t) => {
  const out = temporaryFolder();
  const config = { train: { ...tiny(out).train, optimizer: { name: 'sgd', learningRate: 1e30 }, clip: false } };
  const { done, folder } = await run(out, { config });
  await t.throwsAsync(done, { message: /the loss became (NaN|Infinity) in step \d+ \(phase warm-up\)/ });
  t.false(existsSync(join(folder, 'result.json')));
});
