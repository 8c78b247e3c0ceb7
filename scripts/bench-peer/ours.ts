import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import { loadConfig } from '../../core/config/load.js';
import { FusedModel, fuseNetwork } from '../../core/reparam/network/fuse.js';
import { createRandomSource } from '../../core/train/random/index.js';
import { type Candidate, createCandidate } from '../../core/run/candidate.js';
import { startEngine } from '../../core/run/engine.js';
import { KernelClock, type KernelTimes } from './kernel-clock.js';
import { configOf, type Setting } from './modes.js';

// One side of the comparison, in a process of its own: reads a line `step`, takes one step of the framework's own training
// loop and answers with its milliseconds. `profile` has the kernels measured from then on, `end` asks for the memory.

interface OursOptions extends Setting {
  readonly engine: string;
  readonly blockEvaluation: string;
  /** Steps that will be asked for at most. */
  readonly batches: number;
}

const { engine, blockEvaluation, batches, ...setting } = JSON.parse(process.argv[2] as string) as OursOptions;
const mebibytes = (bytes: number): number => bytes / 2 ** 20;
const peakResident = (): number => process.resourceUsage().maxRSS / 1024;

const config = { ...configOf(setting, blockEvaluation, batches), engine: { name: engine, ...threadsOf(engine) } };
const loaded = await loadConfig(config);
const { definition, options } = loaded.parts.dataset;
const signal = new AbortController().signal;
const dataset = await definition.open(options, { folder: process.cwd(), warn: () => undefined, signal });
const { session } = await startEngine(loaded.parts.engines);
const before = peakResident();
const candidate = createCandidate({
  config: loaded.config,
  parts: loaded.parts,
  strategy: loaded.parts.strategy,
  dataset,
  random: createRandomSource(loaded.config.seed),
  warn: () => undefined,
});
const step = setting.mode === 'fused' ? await inference(candidate) : training(candidate);
let clock: KernelClock | undefined;

answer({ ready: session.device });
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') break;
  if (line === 'profile') {
    clock = new KernelClock(session.backend);
    answer({});
    continue;
  }
  clock?.reset();
  const began = performance.now();
  await step();
  answer({ milliseconds: performance.now() - began, ...(clock && { kernels: clock.read() }) });
}
answer({ peakMiB: peakResident() - before, tensorMiB: mebibytes(session.memory().peakBytes) });
candidate.dispose();
await session.stop();

function answer(message: {
  ready?: string;
  milliseconds?: number;
  kernels?: KernelTimes[];
  peakMiB?: number;
  tensorMiB?: number;
}): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function threadsOf(name: string): { threads?: number } {
  return name === 'onednn' ? { threads: setting.threads } : {};
}

/** The training loop, one step for each call. */
function training({ training }: Candidate): () => Promise<void> {
  let steps: AsyncGenerator | undefined;
  return async () => {
    if (!steps) {
      for await (const _ of training.enterPhase());
      steps = training.steps();
    }
    const { done } = await steps.next();
    if (done) throw new Error(`the comparison takes at most ${batches} steps, as was said at its start`);
  };
}

/** The folded network on a test batch. */
async function inference({ supernet, training, images }: Candidate): Promise<() => Promise<void>> {
  for await (const _ of training.enterPhase());
  const metadata = {
    classes: [...dataset.classes],
    normalisation: { mean: [], deviation: [] },
    architecture: supernet.blocks.architecture(),
    certificate: {},
  };
  const model = new FusedModel(fuseNetwork(supernet, loaded.parts.fuser, metadata));
  const [height, width, channels] = supernet.graph.input;
  for await (const batch of images.test()) {
    return async () => {
      const logits = tf.tidy(() => model.infer(tf.tensor4d(batch.images, [batch.size, height, width, channels])));
      await logits.data();
      logits.dispose();
    };
  }
  throw new Error('the dataset has no test images');
}
