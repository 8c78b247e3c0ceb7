import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type BlockNode, type BranchOp, type Chosen, defineFuser, defineWeightSharing } from '../contracts/index.js';
import { foldNorm, foldSum } from '../reparam/fold/index.js';
import { certify } from '../reparam/certificate/certificate.js';
import { FusedModel, fuseNetwork } from '../reparam/network/fuse.js';
import { everyBranch } from '../reparam/network/gates.js';
import { Supernet } from '../reparam/network/supernet.js';
import { createRandomSource } from '../train/random/index.js';
import type { BlockCase } from './geometries.js';

const own = defineWeightSharing({
  name: 'own',
  summary: 'a kernel for each branch',
  options: z.strictObject({}),
  bind: (_block, branch, { name, height, width, inputs, outputs }) => ({
    parameter: `${branch}.${name}`,
    shape: [height, width, inputs, outputs],
  }),
});

const sum = defineFuser({
  name: 'sum',
  summary: 'the sum of the branches',
  options: z.strictObject({}),
  fuse: (_block, branches) => foldSum(branches.map(({ linear, norm }) => foldNorm(linear, norm))),
});

const NO_METADATA = { classes: [], normalisation: { mean: [], deviation: [] }, architecture: {}, certificate: {} };

/** A network of one block with one branch, which trains on the current engine; its numbers and running statistics are random. */
export function branchNetwork(op: Chosen<BranchOp>, { block, height, width, seed }: BlockCase): Supernet {
  const node: BlockNode = { ...block, kind: 'block', input: 'input', activation: 'none', searchable: true };
  const { name } = op.definition;
  const random = createRandomSource(seed);
  const network = new Supernet({
    graph: { input: [height, width, block.inChannels], classes: 1, nodes: [node] },
    spaces: [{ block: block.name, branches: [name], always: [] }],
    branchOps: new Map([[name, op]]),
    plain: op,
    weightSharing: { definition: own, options: {} },
    padStatistics: 'batch',
    blockEvaluation: 'explicit',
    dropout: 0,
    random,
  });
  network.initialise();
  for (const parameter of network.store.names()) {
    const stream = random.stream(`numbers:${parameter}`);
    const { size } = network.store.get(parameter);
    const statistics = network.store.role(parameter) === 'statistics';
    const draw = (at: number): number => (statistics && at >= size / 2 ? 0.2 + 2 * stream.uniform() : stream.normal());
    network.store.write(
      parameter,
      Float32Array.from({ length: size }, (_, at) => draw(at)),
    );
  }
  return network;
}

/** Two random images of the size a network reads. */
export function imagesFor({ graph }: Supernet, seed: number): { readonly images: Float32Array; readonly size: number } {
  const [height, width, channels] = graph.input;
  const stream = createRandomSource(seed).stream('images');
  return { images: Float32Array.from({ length: 2 * height * width * channels }, () => stream.normal()), size: 2 };
}

export function tensorOf({ graph }: Supernet, { images, size }: ReturnType<typeof imagesFor>): tf.Tensor4D {
  return tf.tensor4d(images, [size, ...graph.input]);
}

/** The forward pass of a training step: batch statistics, and the running ones move. */
export function trainingPass(network: Supernet, images: tf.Tensor4D): tf.Tensor {
  const active = everyBranch(network.blocks);
  const gates = new Map([...active].map(([block]) => [block, tf.ones([1]) as tf.Tensor1D]));
  return network.train(images, active, gates, 0);
}

/** After a training step, how far the fused network is from the trained one. */
export async function foldErrorAfterStep(network: Supernet, seed: number): Promise<number> {
  const batch = imagesFor(network, seed);
  tf.tidy(() => {
    trainingPass(network, tensorOf(network, batch));
  });
  const fused = new FusedModel(fuseNetwork(network, { definition: sum, options: {} }, NO_METADATA));
  try {
    return (await certify(network, fused, [batch], 1)).relativeError;
  } finally {
    fused.dispose();
  }
}
