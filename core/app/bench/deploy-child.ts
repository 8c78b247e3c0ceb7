import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { createRunContainer } from '../../config/container/plugins.js';
import type { FusedNetwork } from '../../contracts/exporter.js';
import { writeFolderAtomic } from '../../io/files/index.js';
import { openCheckpoint, openUnfused } from '../../io/import/index.js';
import { FusedModel } from '../../reparam/network/fuse.js';
import { UnfusedModel } from '../../reparam/network/unfused-model.js';
import { enginesNamed, startEngine } from '../../run/engine.js';
import { reopenRun } from '../../run/reopen.js';
import { peakMiB, resetPeak } from '../timing/index.js';
import type { MemoryAnswer, MemoryOrder } from './deploy-rows.js';
import { isCheckpoint } from './deploy-model.js';
import { readNetwork } from './stored-network.js';

// The process of one row's memory: it is told which by its parent, and ends with its answer.

type Answer = (images: Float32Array, count: number) => Promise<unknown>;

/** Loads a network and gives what answers with it; says when all but the network is there. */
type Load = (order: MemoryOrder, ready: () => void) => Promise<Answer>;

const onEngine =
  (infer: (images: tf.Tensor4D) => tf.Tensor, [height, width, channels]: MemoryOrder['image']): Answer =>
  async (images, count) => {
    const logits = tf.tidy(() => infer(tf.tensor4d(images, [count, height, width, channels])));
    await logits.data();
    logits.dispose();
  };

const unfused: Load = async ({ source, image }, ready) => {
  const { model, engine = 'auto', size, trustPlugins } = source;
  if (!isCheckpoint(model)) {
    const set = engine === 'auto' ? [] : [`engine=${engine}`];
    const { candidate } = await reopenRun(model, { set, trustPlugins, warn: () => undefined, ready });
    const network = new UnfusedModel(candidate.supernet);
    return onEngine((x) => network.infer(x), image);
  }
  await started(engine);
  ready();
  const checkpoint = await openCheckpoint(model);
  const network = await openUnfused(checkpoint, size);
  await checkpoint.close();
  return onEngine((x) => network.infer(x), image);
};

const fused: Load = async ({ source, folder, image }, ready) => {
  await started(source.engine ?? 'auto');
  ready();
  const model = new FusedModel(await readNetwork(folder));
  return onEngine((x) => model.infer(x), image);
};

const program: Load = async ({ source, folder, image, format }, ready) => {
  const { registry } = await createRunContainer();
  // A format that is read on an engine of ours needs one.
  await started(source.engine ?? 'auto');
  const exporter = registry.part('exporter', format);
  const options = exporter.options.parse({});
  const open = async (path: string) => {
    const opened = await exporter.open?.(path, options, { often: true });
    if (!opened || 'unavailable' in opened) throw new Error(opened?.unavailable ?? 'no program reads the format');
    return opened;
  };
  // A network of one number, so that the program itself is there before the network is.
  const nothing = join(folder, 'nothing');
  writeFolderAtomic(nothing, await exporter.export(NOTHING, options));
  await (await open(nothing)).close();
  ready();
  const opened = await open(join(folder, format));
  return (images, count) => opened.infer(images, [count, ...image]);
};

const NOTHING: FusedNetwork = {
  graph: {
    input: [1, 1, 1],
    classes: 1,
    nodes: [
      { kind: 'global-average-pool', name: 'pool', input: 'input' },
      { kind: 'dense', name: 'dense', input: 'pool', inputs: 1, outputs: 1, activation: 'none' },
    ],
  },
  convolutions: new Map(),
  dense: new Map([['dense', { weight: new Float32Array(1), bias: new Float32Array(1) }]]),
  metadata: { classes: ['0'], normalisation: { mean: [0], deviation: [1] }, architecture: {}, certificate: {} },
};

async function started(engine: string): Promise<void> {
  const { registry } = await createRunContainer();
  await startEngine(enginesNamed(registry, engine));
}

async function measure(order: MemoryOrder): Promise<number> {
  const pixels = order.image.reduce((product, size) => product * size, 1);
  const images = new Float32Array(Math.max(...order.batches) * pixels).fill(0.5);
  let before = 0;
  const answer = await { unfused, fused, program }[order.row](order, () => {
    resetPeak();
    before = process.memoryUsage.rss();
  });
  for (const count of order.batches)
    for (let again = 0; again < 2; again++) await answer(images.subarray(0, count * pixels), count);
  return Math.max(0, peakMiB() * 2 ** 20 - before);
}

process.once('message', (message) => {
  const end = (answer: MemoryAnswer): void => void process.send?.(answer, undefined, undefined, () => process.exit(0));
  measure(message as MemoryOrder).then(
    (bytes) => end({ bytes }),
    (error: unknown) => end({ reason: error instanceof Error ? error.message : String(error) }),
  );
});
