import * as tf from '@tensorflow/tfjs-core';
import { createRunContainer } from '../../core/config/container/plugins.js';
import { createRun } from '../../core/run/run.js';
import { OPTIONS, optionsOf } from '../plugins/engines/available.js';
import { SHORT_RUN } from './short-run.js';
import type { Sample } from './trend.js';

/** What many training steps on one engine took. */
export interface SoakReport {
  readonly device: string;
  /** Tensors and resident memory, MiB, at 50 steps evenly over all. */
  readonly tensors: readonly Sample[];
  readonly residentMiB: readonly Sample[];
  /** Why the engine cannot run here. */
  readonly missing?: string;
}

const BATCH = 4;
const EPOCH = 500;
const SAMPLES = 50;

/**
 * TensorFlow.js gives small products on WebGPU up to 256 threads for each number of the result, to keep a GPU's cores busy. A
 * driver that computes on the CPU takes a third of the time for a step with tiles of 32x32 alone, at whatever number of
 * workgroups: this threshold, which no product is under, asks for them. (It takes longer to compile them, which over few steps
 * costs more than it saves.)
 */
const TILES_ALONE = ['WEBGPU_THRESHOLD_TO_INCREASE_WORKGROUPS_FOR_MATMUL', 0.25] as const;

const [name = '', wanted = '0', out = ''] = process.argv.slice(2);
const { registry } = await createRunContainer();
const engine = registry.find('engine', name)?.part;
if (!engine) throw new Error(`there is no engine ${name}`);
const probe = await engine.probe(optionsOf(engine));
process.stdout.write(
  JSON.stringify(
    probe.available
      ? await soak(Number(wanted), probe.device)
      : ({ device: '', tensors: [], residentMiB: [], missing: probe.reason } satisfies SoakReport),
  ),
);

function isSoftware(device: string): boolean {
  return name === 'webgpu' && device.startsWith('CPU');
}

async function soak(steps: number, device: string): Promise<SoakReport> {
  const epoch = Math.min(EPOCH, steps);
  const epochs = Math.round(steps / epoch);
  const every = Math.ceil((epochs * epoch) / SAMPLES);
  const run = createRun(
    {
      ...SHORT_RUN,
      dataset: { ...SHORT_RUN.dataset, train: epoch * BATCH },
      // Three blocks, of several branches each, pools of both kinds and dense layers: little arithmetic, and every kernel.
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
  const tensors: Sample[] = [];
  const residentMiB: Sample[] = [];
  run.events$.subscribe({
    next: (event) => {
      if (event.type === 'run-started' && isSoftware(device)) tf.env().set(...TILES_ALONE);
      if (event.type !== 'step' || event.step % every !== 0) return;
      globalThis.gc?.();
      tensors.push([event.step, tf.memory().numTensors]);
      residentMiB.push([event.step, process.memoryUsage.rss() / 2 ** 20]);
    },
    error: () => undefined,
  });
  await run.done;
  return { device, tensors, residentMiB };
}
