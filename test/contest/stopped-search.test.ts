import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { API_VERSION, definePlugin, type Probe, type Strategy } from '../../core/contracts/index.js';
import { createRun, InterruptedError } from '../../core/run/run.js';
import { evolution } from '../../plugins/strategies/evolution.js';
import { temporaryFolder } from '../core/run/tiny.js';

/** Evolution that says when it is about to measure a mask. */
const watched = (measuring: () => void) =>
  definePlugin({
    name: 'watched',
    apiVersion: API_VERSION,
    setup: (host) => {
      const start: typeof evolution.start = (context, options) => {
        const session = evolution.start(context, options);
        const evaluate = (probe: Probe) => (mask: Uint8Array) => {
          measuring();
          return probe.evaluate(mask);
        };
        return {
          ...session,
          beforePhase: async (phase, probe) => session.beforePhase?.(phase, { ...probe, evaluate: evaluate(probe) }),
        };
      };
      host.add('strategy', { ...evolution, name: 'watched', start } as Strategy);
    },
  });

const config = (out: string, measuring: () => void = () => {}) => ({
  plugins: [watched(measuring)],
  strategy: { name: 'watched', population: 10, sample: 3, evaluations: 40 },
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
  let masks = 0;
  const measuring = (): void => {
    if (++masks === 5) controller.abort();
  };
  const first = createRun(config(out, measuring), { ...options, signal: controller.signal });
  await t.throwsAsync(first.done, { instanceOf: InterruptedError });
  t.is(masks, 5, 'the search went on');
  await createRun(config(out), { ...options, resume: true }).done;
  for (const [at, text] of bytes(out).entries()) t.true(text === bytes(whole)[at], files[at]);
});
