import * as tf from '@tensorflow/tfjs-core';
import type { LoadedConfig } from '../../config/load.js';
import type { Chosen } from '../../contracts/part.js';
import type { Fuser } from '../../contracts/fuser.js';
import { FusedModel, fuseNetwork } from '../../reparam/network/fuse.js';
import type { Supernet } from '../../reparam/network/supernet.js';
import { UnfusedModel } from '../../reparam/network/unfused-model.js';
import { createRandomSource } from '../../train/random/index.js';
import { type Candidate, createCandidate } from '../../run/candidate.js';
import { type Task, type Timing, timeInTurns } from '../timing/index.js';
import type { Training } from '../../train/training.js';
import type { Measure } from './report.js';
import type { Subject } from './subjects.js';

/** A subject on the engine, ready to be timed. */
export interface Ready {
  readonly tasks: Readonly<Record<Measure, Task>>;
  dispose(): void;
}

/** Warm-ups are no part of a search's cost to measure, and what is frozen has the plain step of a network with these branches. */
const EPOCHS = { warmUp: 0, search: 1, frozen: 1 };

/** @throws Error when the subject does not fit: a branch op that does not exist in the block, a strategy that lacks something. */
export async function prepare({ parts, dataset }: Subject, { config: given }: LoadedConfig): Promise<Ready> {
  const config = { ...given, train: { ...given.train, epochs: EPOCHS } };
  const candidate = (): Candidate =>
    createCandidate({
      config,
      parts,
      dataset,
      random: createRandomSource(config.seed),
      warn: () => undefined,
      strategy: parts.strategy,
    });
  const [trained, inferred] = [candidate(), candidate()];
  await enterSteps(trained.training);
  const { supernet } = inferred;
  // The branches that a search would choose now: how many there are does not change.
  supernet.blocks.freeze(inferred.architecture());
  supernet.initialise();
  const fused = fusedModel(supernet, parts.fuser);
  const unfused = new UnfusedModel(supernet);
  const [height, width, channels] = dataset.shape;
  const shape: [number, number, number, number] = [config.train.batchSize, height, width, channels];
  const images = tf.randomNormal(shape, 0, 1, 'float32', 1) as tf.Tensor4D;
  const steps = trained.training.steps();
  return {
    tasks: {
      training: async () => {
        const { done } = await steps.next();
        if (done) throw new Error('the epoch is over before the measurement is');
      },
      unfused: () => inference(() => unfused.infer(images)),
      fused: () => inference(() => fused.infer(images)),
    },
    dispose: () => {
      for (const one of [trained, inferred, fused, unfused, images]) one.dispose();
    },
  };
}

/** Times one measure of several subjects, in turns. */
export const timeAll = (
  ready: ReadonlyMap<string, Ready>,
  measure: Measure,
  milliseconds: number,
): Promise<Record<string, Timing>> =>
  timeInTurns(Object.fromEntries([...ready].map(([name, { tasks }]) => [name, tasks[measure]] as const)), {
    milliseconds,
    iterations: 1,
  });

/** Goes through phases without epochs to the first step there is. */
async function enterSteps(training: Training): Promise<void> {
  do {
    for await (const _ of training.enterPhase());
  } while (training.leavePhase());
}

async function inference(infer: () => tf.Tensor): Promise<void> {
  const logits = tf.tidy(infer);
  await logits.data();
  logits.dispose();
}

function fusedModel(supernet: Supernet, fuser: Chosen<Fuser>): FusedModel {
  const metadata = { classes: [], normalisation: { mean: [], deviation: [] }, architecture: {}, certificate: {} };
  return new FusedModel(fuseNetwork(supernet, fuser, metadata));
}
