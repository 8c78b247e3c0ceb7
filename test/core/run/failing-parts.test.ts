import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import test from 'ava';
import { z } from 'zod';
import {
  API_VERSION,
  type Dataset,
  defineDataset,
  defineEngine,
  defineImportanceEstimator,
  defineObserver,
  definePlugin,
  type ObserverSession,
  type Plugin,
} from '../../../core/contracts/index.js';
import { memorySet } from '../../../core/train/data/index.js';
import { newestWhole } from '../../../core/run/checkpoint/read.js';
import { createRun, type RunOptions } from '../../../core/run/run.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { temporaryFolder } from '../../folders/temporary.js';
import { tiny } from './tiny.js';

const none = z.strictObject({});

const plugin = (setup: Plugin['setup']): Plugin => definePlugin({ name: 'fragile', apiVersion: API_VERSION, setup });

const run = (out: string, config: object, options: RunOptions = {}) =>
  createRun({ ...tiny(out), ...config }, { name: 'run', interactive: false, note: () => undefined, ...options }).done;

const weights = (out: string): Buffer => readFileSync(join(out, 'run', 'weights.safetensors'));

/** 48 and 24 images of 8x8 in three classes, but for what a test wants to be wrong. */
function images(change: {
  shape?: [number, number, number];
  classes?: number;
  label?: number;
  read?: () => Promise<void>;
}): Dataset {
  const { shape = [8, 8, 3], classes = 3, label, read } = change;
  const set = (size: number) => {
    const labels = Int32Array.from({ length: size }, (_, at) => (at === 5 && label !== undefined ? label : at % 3));
    const pixels = Uint8Array.from({ length: size * 8 * 8 * 3 }, (_, at) => (at * 7919) % 256);
    const memory = memorySet(pixels, labels);
    return {
      ...memory,
      read: async (indices: Uint32Array) => {
        await read?.();
        return memory.read(indices);
      },
    };
  };
  return defineDataset({
    name: 'fragile',
    summary: 'images that may be wrong',
    options: none,
    open: async () => ({
      shape,
      classes: Array.from({ length: classes }, (_, at) => String(at)),
      mean: shape[2] === 3 ? [0.5, 0.5, 0.5] : [0.5],
      deviation: shape[2] === 3 ? [0.3, 0.3, 0.3] : [0.3],
      train: set(48),
      test: set(24),
      close: async () => {},
    }),
  }) as Dataset;
}

const withImages = (change: Parameters<typeof images>[0], more: object = {}): object => ({
  plugins: [plugin((host) => void host.add('dataset', images(change)))],
  dataset: 'fragile',
  ...more,
});

test.serial('observers that throw, are slow, or cannot start leave the run as it is', async (t) => {
  const [plain, watched] = [temporaryFolder(t), temporaryFolder(t)];
  await run(plain, {});
  const observer = (name: string, next: ObserverSession['next'] | undefined) =>
    defineObserver({
      name,
      summary: name,
      options: none,
      start: () => {
        if (!next) throw new Error('no');
        return { next, complete: () => undefined };
      },
    });
  const throws = observer('throws', () => {
    throw new Error('no disk');
  });
  const slow = observer('slow', () => new Promise((resolve) => setTimeout(resolve, 2)));
  const fragile = plugin((host) => {
    for (const one of [throws, slow, observer('never', undefined)]) host.add('observer', one);
  });
  await run(watched, { plugins: [fragile], observers: ['jsonl', 'throws', 'slow', 'never'] });
  t.deepEqual(weights(watched), weights(plain));
  const events = readFileSync(join(watched, 'run', 'events.jsonl'), 'utf8');
  t.regex(events, /"observer 'throws' failed: no disk; the run goes on without it"/);
  t.regex(events, /"observer 'never' failed to start: no; the run goes without it"/);
});

test.serial('a dataset worker that dies stops the run, which goes on from its checkpoint', async (t) => {
  const out = temporaryFolder(t);
  const whole = temporaryFolder(t);
  await run(whole, withImages({}));
  const mended = join(out, 'mended');
  let reads = 0;
  const read = async (): Promise<void> => {
    if (existsSync(mended) || ++reads < 7) return;
    const worker = new Worker('process.exit(9)', { eval: true });
    const code = await new Promise((resolve) => worker.once('exit', resolve));
    throw new Error(`the decoder ended with exit code ${code}`);
  };
  await t.throwsAsync(run(out, withImages({ read })), { message: /the decoder ended with exit code 9/ });
  t.truthy(newestWhole(join(out, 'run')).newest);
  writeFileSync(mended, '');
  await run(out, withImages({ read }), { resume: true });
  t.deepEqual(weights(out), weights(whole));
});

test.serial(
  'an engine that fails within a step stops the run, gives its tensors back, and can be gone on from',
  async (t) => {
    const out = temporaryFolder(t);
    const whole = temporaryFolder(t);
    await run(whole, {});
    const before = tf.memory().numTensors;
    let fails = true;
    let calls = 0;
    const limit = 1000;
    const engine = defineEngine({
      ...cpu,
      name: 'fragile',
      options: none,
      start: async () => {
        const session = await cpu.start({});
        const kernel = tf.getKernel('Multiply', 'cpu');
        tf.unregisterKernel('Multiply', 'cpu');
        tf.registerKernel({
          ...kernel,
          kernelFunc: (call) => {
            // In the backward pass of a step of the second epoch.
            if (fails && ++calls > limit) throw new Error('the device was lost');
            return kernel.kernelFunc(call);
          },
        });
        const stop = async (): Promise<void> => {
          tf.unregisterKernel('Multiply', 'cpu');
          tf.registerKernel(kernel);
          await session.stop();
        };
        return { ...session, stop };
      },
    });
    const config = {
      plugins: [plugin((host) => void host.add('engine', engine))],
      engine: 'fragile',
      checkpoint: { everySteps: 1 },
    };
    await t.throwsAsync(run(out, config), { message: /the device was lost/ });
    t.is(tf.memory().numTensors, before);
    t.deepEqual(newestWhole(join(out, 'run')).skipped, []);
    fails = false;
    await run(out, config, { resume: true });
    t.deepEqual(weights(out), weights(whole));
  },
);

test.serial('gates that are no numbers stop the run at their step', async (t) => {
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
    let learned = false;
    const importance = defineImportanceEstimator({
      name: 'fragile',
      summary: 'learns nonsense',
      options: none,
      start: (gates) => ({
        rank: () => new Float64Array(gates.length).fill(learned ? wrong : 0),
        learn: () => {
          learned = true;
        },
        save: () => ({ arrays: {}, values: {} }),
        restore: () => undefined,
      }),
    });
    const config = {
      plugins: [plugin((host) => void host.add('importance-estimator', importance))],
      importance: 'fragile',
    };
    await t.throwsAsync(run(temporaryFolder(t), config), {
      message: /the rank of gate \S+\/\S+ became no number in step 3 \(phase search\)/,
    });
  }
});

test.serial('a class without examples and a last short batch are trained on', async (t) => {
  const train = { ...tiny('').train, batchSize: 20 };
  await t.notThrowsAsync(run(temporaryFolder(t), withImages({ classes: 5 }, { train })));
});

test.serial('a last batch of one image joins the one before; batches of one are refused', async (t) => {
  const train = (batchSize: number) => ({ train: { ...tiny('').train, batchSize } });
  await t.notThrowsAsync(run(temporaryFolder(t), withImages({}, train(47))));
  await t.throwsAsync(run(temporaryFolder(t), withImages({}, train(1))), {
    message: /train\.batchSize[\s\S]*found +1[\s\S]*expected +at least 2/,
  });
});

test.serial('images of another size or depth, and labels out of range, are named', async (t) => {
  const refused = (change: Parameters<typeof images>[0], message: RegExp) =>
    t.throwsAsync(run(temporaryFolder(t), withImages(change)), { message });
  await refused(
    { shape: [16, 16, 3] },
    /gave 3072 pixel values and 16 labels for 16 images of 16x16x3; expected 12288/,
  );
  await refused({ shape: [8, 8, 1] }, /for 16 images of 8x8x1; expected 1024/);
  await refused({ label: 3 }, /gave the label 3; expected 0 to 2/);
  await refused({ label: -1 }, /gave the label -1; expected 0 to 2/);
});
