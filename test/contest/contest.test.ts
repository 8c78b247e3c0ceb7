import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createRunContainer } from '../../core/config/container/plugins.js';
import { createRun, InterruptedError } from '../../core/run/run.js';
import { temporaryFolder } from '../core/run/tiny.js';
import { BUDGET, configOf, type Pair, pairs } from './pairs.js';

const { registry } = await createRunContainer();

const DECISIVE = ['architecture.json', 'weights.safetensors', 'events.jsonl', 'certificate.json'];

/** Runs a pair to its end, stopping after the given steps and going on from there. */
async function run(pair: Pair, stops: readonly number[]) {
  const out = temporaryFolder();
  const folder = join(out, 'run');
  for (const [attempt, stop] of [...stops, Number.POSITIVE_INFINITY].entries()) {
    const controller = new AbortController();
    const options = { name: 'run', interactive: false, signal: controller.signal, resume: attempt > 0 };
    const { events$, done } = createRun(configOf(pair, out), options);
    events$.subscribe({
      next: (event) => void (event.type === 'step' && event.step === stop && controller.abort()),
      error: () => undefined,
    });
    const result = await done.catch((error: unknown) => {
      if (error instanceof InterruptedError) return undefined;
      throw error;
    });
    if (result) {
      const files = DECISIVE.map((file) => decisive(join(folder, file), out));
      return { main: result.main, files };
    }
  }
  throw new Error('the run never ended');
}

/** A file's bytes but for its folder, and the revision of a checkpoint taken where an interruption had left one. */
const decisive = (file: string, folder: string): string =>
  readFileSync(file, 'latin1')
    .replaceAll(folder, 'OUT')
    .replace(/(step-\d{8})-\d+/g, '$1');

/** The first line in which two files differ. */
function firstDifference(a = '', b = ''): string {
  if (a === b) return '';
  const [ours, theirs] = [a.split('\n'), b.split('\n')];
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  return `line ${at}: ${ours[at]?.slice(0, 300)} | ${theirs[at]?.slice(0, 300)}`;
}

for (const pair of pairs(registry.parts('strategy'), registry.parts('importance-estimator'))) {
  test.serial(
    `${pair.title}: trains, folds, holds its budget, and stopped and resumed gives the same bytes`,
    async (t) => {
      const whole = await run(pair, []);
      t.true(whole.main.certificate.passed);
      t.true(whole.main.steps >= 9);
      const kept = Object.values(whole.main.architecture).map(({ length }) => length);
      t.true(kept.every((count) => count > 0));
      if (pair.strategy.part.usesBudget)
        t.is(
          kept.reduce((sum, count) => sum + count, 0),
          BUDGET,
        );
      // In the middle of the first phase, and where a search has just ended or branches have just changed.
      const resumed = await run(pair, [3, 9]);
      for (const [at, file] of DECISIVE.entries()) t.is(firstDifference(whole.files[at], resumed.files[at]), '', file);
    },
  );
}

test('an estimator beside a strategy that ranks nothing is refused, as is a budget that nothing is held to', async (t) => {
  for (const { part } of registry.parts('strategy')) {
    const config = configOf({ strategy: { part }, title: part.name } as Pair, temporaryFolder());
    for (const [key, value, used] of [
      ['importance', 'bn-scale', part.usesImportance],
      ['budget', { branches: BUDGET }, part.usesBudget],
    ] as const) {
      const { done } = createRun({ ...config, [key]: value }, { interactive: false, name: key });
      if (used) await t.notThrowsAsync(done, `${part.name}, ${key}`);
      else await t.throwsAsync(done, { message: new RegExp(`${key}[\\s\\S]*none beside strategy ${part.name}`) });
    }
  }
});

test('a strategy that measures masks is refused without a validation split, before anything is trained', async (t) => {
  for (const { part } of registry.parts('strategy')) {
    if (!part.needsValidation) continue;
    const config = configOf({ strategy: { part }, title: part.name } as Pair, temporaryFolder());
    const { done } = createRun({ ...config, validation: { fraction: 0 } }, { interactive: false });
    await t.throwsAsync(done, { message: /validation\.fraction[\s\S]*found +0[\s\S]*a fraction above 0/ });
  }
});
