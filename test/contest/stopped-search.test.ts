import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createRun, InterruptedError } from '../../core/run/run.js';
import { temporaryFolder } from '../core/run/tiny.js';

const config = (out: string) => ({
  strategy: { name: 'evolution', population: 10, sample: 3, evaluations: 40 },
  budget: { branches: 7 },
  validation: { fraction: 0.25 },
  dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 32, test: 12 },
  backbone: { name: 'cifar-quick', kernelSize: 3, width: 0.125 },
  train: { epochs: { warmUp: 1, search: 0, frozen: 1 }, batchSize: 8 },
  engine: 'cpu',
  observers: ['jsonl'],
  export: [],
  out,
});

test('a search between two phases stops between two masks, and begins anew when the run goes on', async (t) => {
  const files = ['architecture.json', 'weights.safetensors', 'events.jsonl'];
  const bytes = (out: string): string[] =>
    files.map((file) => readFileSync(join(out, 'run', file), 'latin1').replaceAll(out, 'OUT'));
  const options = { name: 'run', interactive: false };
  const whole = temporaryFolder();
  await createRun(config(whole), options).done;

  const out = temporaryFolder();
  const controller = new AbortController();
  const first = createRun(config(out), { ...options, signal: controller.signal });
  const seen: string[] = [];
  first.events$.subscribe({
    next: ({ type }) => {
      seen.push(type);
      // The first phase is over: masks are measured from here on.
      if (type === 'checkpoint') setTimeout(() => controller.abort(), 20);
    },
    error: () => undefined,
  });
  await t.throwsAsync(first.done, { instanceOf: InterruptedError });
  t.false(seen.includes('architecture'), 'the search went on to its end');
  await createRun(config(out), { ...options, resume: true }).done;
  for (const [at, text] of bytes(out).entries()) t.true(text === bytes(whole)[at], files[at]);
});
