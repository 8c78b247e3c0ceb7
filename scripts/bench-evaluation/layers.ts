import * as tf from '@tensorflow/tfjs-core';
import type { BlockNode, BranchOp, Chosen, WeightSharing } from '../../core/contracts/index.js';
import { Branch } from '../../core/reparam/network/branch.js';
import { ParameterStore } from '../../core/reparam/network/parameters.js';
import { createRandomSource } from '../../core/train/random/index.js';
import { branchOps } from '../../plugins/branch-ops/index.js';

/** A block of VGG-16 for 32x32 images, and how often it stands in the network. */
export interface Layer {
  readonly node: BlockNode;
  readonly side: number;
  readonly times: number;
}

const SHAPES: readonly (readonly [inputs: number, outputs: number, side: number, times: number])[] = [
  [3, 64, 32, 1],
  [64, 64, 32, 1],
  [64, 128, 16, 1],
  [128, 128, 16, 1],
  [128, 256, 8, 1],
  [256, 256, 8, 2],
  [256, 512, 4, 1],
  [512, 512, 4, 2],
  [512, 512, 2, 3],
];

export const layers = (width: number): Layer[] =>
  SHAPES.map(([inputs, outputs, side, times], index) => {
    const scaled = (channels: number) => (channels === 3 ? 3 : Math.round(channels * width));
    const [inChannels, outChannels] = [scaled(inputs), scaled(outputs)];
    const name = `${inChannels}-${outChannels}@${side}`;
    const input = index === 0 ? 'input' : 'before';
    const rest = { kernelSize: 3, stride: 1, groups: 1, activation: 'relu', searchable: true } as const;
    return { node: { kind: 'block', name, input, inChannels, outChannels, ...rest }, side, times };
  });

const chosen = branchOps.map(
  (definition: BranchOp): Chosen<BranchOp> => ({ definition, options: definition.options.parse({}) }),
);

const random = createRandomSource(1);

/** The block with those of the branches that it can have, and everything that a step reads. */
export function prepare({ node, side }: Layer, names: readonly string[], batch: number, sharing: WeightSharing) {
  const store = new ParameterStore();
  const branches = chosen
    .filter(({ definition, options }) => names.includes(definition.name) && definition.exists(node, options))
    .map((op) => new Branch(node, op, (branch, kernel) => sharing.bind(node, branch, kernel, {})));
  for (const branch of branches) branch.initialise(store, random, 1);
  const stream = random.stream('values');
  const images = (channels: number) => {
    const values = Float32Array.from({ length: batch * side * side * channels }, () => stream.normal());
    return tf.tensor4d(values, [batch, side, side, channels]);
  };
  const x = images(node.inChannels);
  const dy = images(node.outChannels);
  const gates = tf.ones([branches.length]) as tf.Tensor1D;
  return { pass: { node, branches, store, x, gates, padStatistics: 'batch' as const }, dy };
}
