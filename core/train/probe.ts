import * as tf from '@tensorflow/tfjs-core';
import type { Fuser } from '../contracts/fuser.js';
import type { Chosen } from '../contracts/part.js';
import type { Gate } from '../contracts/search-space.js';
import type { Probe } from '../contracts/probe.js';
import { recalibrated } from '../reparam/network/recalibrate.js';
import { type ActiveBranches, activeBranches, everyBranch } from '../reparam/network/gates.js';
import type { Supernet } from '../reparam/network/supernet.js';
import { cutBranches, growBranches } from '../reparam/network/transplant.js';
import { evaluate } from './evaluate.js';
import type { TrainingBatch } from './step.js';
import { StoppedError } from './errors.js';

export interface ProbePlan {
  readonly supernet: Supernet;
  readonly gates: readonly Gate[];
  readonly fuser: Chosen<Fuser>;
  /** Name of the branch op that is the plain KxK convolution. */
  readonly plain: string;
  /** A few training batches, the same at every call, for batch-norm recalibration. */
  calibration(): AsyncIterable<TrainingBatch>;
  /** The validation split. */
  validation(): AsyncIterable<TrainingBatch>;
  /** Ends long searches: no mask is measured after it. */
  readonly signal?: AbortSignal | undefined;
}

/** Makes what strategies measure a network with, and change it by, between two steps. */
export function createProbe(plan: ProbePlan): Probe {
  const { supernet, gates, fuser, plain, calibration, validation, signal } = plan;
  return {
    get parameters() {
      return supernet.view(new Map());
    },
    evaluate: async (mask) => {
      if (signal?.aborted) throw new StoppedError();
      const active: ActiveBranches = activeBranches(supernet.blocks, gates, { mask });
      const measure = () => evaluate((images) => supernet.infer(images, active), supernet.graph.input, validation());
      const { accuracy, loss } = await recalibrated(supernet, active, calibration(), measure);
      return { accuracy, loss };
    },
    observe: async (visit) => {
      const [height, width, channels] = supernet.graph.input;
      for await (const { images, size } of calibration()) {
        tf.tidy(() => {
          const x = tf.tensor4d(images, [size, height, width, channels]);
          supernet.infer(x, everyBranch(supernet.blocks), (node, read) =>
            visit(node, { shape: read.shape, data: read.dataSync() as Float32Array }),
          );
        });
      }
    },
    grow: (branches, gamma) => growBranches({ supernet, fuser, calibration, plain }, branches, gamma),
    cut: (branches) => cutBranches({ supernet, fuser, calibration, plain }, branches),
  };
}
