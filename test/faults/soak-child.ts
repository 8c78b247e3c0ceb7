import * as tf from '@tensorflow/tfjs-core';
import { createRunContainer } from '../../core/container/plugins.js';
import { createRun } from '../../core/run/run.js';
import { OPTIONS, optionsOf } from '../plugins/engines/available.js';
import { SHORT_RUN } from './short-run.js';

/** What many training steps on one engine took. */
export interface SoakReport {
  readonly steps: number;
  /** Tensors after the first tenth of the steps of the last phase, and at its end. */
  readonly tensors: readonly [number, number];
  /** Resident memory, MiB, after a fifth of the steps and at the end. */
  readonly residentMiB: readonly [number, number];
  /** Why the engine cannot run here. */
  readonly missing?: string;
}

const BATCH = 4;
const EPOCH = 500;

/** A driver for WebGPU that computes on the CPU takes a third of a second for a step. */
const SOFTWARE_STEPS = 100;

const [name = '', wanted = '0', out = ''] = process.argv.slice(2);
const { registry } = await createRunContainer();
const engine = registry.find('engine', name)?.part;
if (!engine) throw new Error(`there is no engine ${name}`);
const probe = await engine.probe(optionsOf(engine));
if (probe.available) await soak(isSoftware(probe.device) ? Math.min(SOFTWARE_STEPS, Number(wanted)) : Number(wanted));
else report({ steps: 0, tensors: [0, 0], residentMiB: [0, 0], missing: probe.reason });

function isSoftware(device: string): boolean {
  return name === 'webgpu' && device.startsWith('CPU');
}

async function soak(steps: number): Promise<void> {
  const epoch = Math.min(EPOCH, steps);
  const epochs = Math.round(steps / epoch);
  const total = epochs * epoch;
  const run = createRun(
    {
      ...SHORT_RUN,
      dataset: { ...SHORT_RUN.dataset, train: epoch * BATCH },
      backbone: { name: 'cifar-quick', width: 0.0625, kernelSize: 3 },
      train: { ...SHORT_RUN.train, epochs: { warmUp: 0, search: epochs, frozen: 0 }, batchSize: BATCH },
      checkpoint: { everySteps: epoch },
      baseline: false,
      observers: ['jsonl'],
      export: [],
      engine: { name, ...OPTIONS[name] },
      out,
    },
    { name: 'run', interactive: false },
  );
  const at = { early: Math.round(total / 5), late: total };
  const seen = new Map<number, { tensors: number; resident: number }>();
  run.events$.subscribe({
    next: (event) => {
      if (event.type !== 'step' || (event.step !== at.early && event.step !== at.late)) return;
      globalThis.gc?.();
      seen.set(event.step, { tensors: tf.memory().numTensors, resident: process.memoryUsage.rss() / 2 ** 20 });
    },
    error: () => undefined,
  });
  await run.done;
  const [early, late] = [seen.get(at.early), seen.get(at.late)];
  if (!early || !late) throw new Error('the run had other steps than were asked for');
  report({ steps: total, tensors: [early.tensors, late.tensors], residentMiB: [early.resident, late.resident] });
}

function report(found: SoakReport): void {
  process.stdout.write(JSON.stringify(found));
}
