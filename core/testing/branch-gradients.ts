import * as tf from '@tensorflow/tfjs-core';
import type { BranchWeights, InferenceNorm, Kernel64 } from '../contracts/index.js';
import { forward64, normalised64 } from '../reparam/interpreters/float64.js';
import type { Array64 } from '../reparam/interpreters/loops64.js';
import { branchWeights } from '../reparam/network/block.js';
import type { Branch } from '../reparam/network/branch.js';
import type { Supernet } from '../reparam/network/supernet.js';
import { gradients } from '../engine/index.js';
import { imagesFor, tensorOf, trainingPass } from './branch-network.js';
import { expect } from './law.js';
import { difference64, normal64 } from './random64.js';

/** Half the distance of the two points of a central difference in float64: its error is of the order of the square. */
const STEP = 1e-5;

/** Float32, through a batch-norm over few pixels. */
const TOLERANCE = 2e-3;

/** Something the branch depends on: its name in the network's state (none for the images), and its numbers in float64. */
interface Variable {
  readonly name: string;
  readonly state?: string;
  readonly numbers: Float64Array;
}

/**
 * Holds a branch and the batch-norm that closes it, as the network computes and differentiates them while training, to their
 * definition in float64: its values, and its gradients by every kernel, γ and β and the images, each along a random direction.
 * @throws Error that says which differs, and by how much.
 */
export function checkGradients(network: Supernet, seed: number): void {
  const branch = network.blocks.branches('block')[0] as Branch;
  const batch = imagesFor(network, seed);
  const images: Array64 = { shape: [batch.size, ...network.graph.input], data: Float64Array.from(batch.images) };
  const { weights, variables } = unfrozen(branch, branchWeights(branch, network.store));
  const exact = (): Array64 => {
    const { output } = forward64(branch.op, branch.block, branch.options, weights, images, 'batch');
    return normalised64(output, weights.norm('norm'), 0, 'batch');
  };
  const expected = exact();
  const normal = normal64(seed);
  const factors = normal(...expected.shape);
  const all: Variable[] = [...variables, { name: 'the images', numbers: images.data }];
  const { value, slopes } = differentiated(network, tensorOf(network, batch), factors, all);
  const apart = difference64(value, expected.data);
  expect(apart <= TOLERANCE, `in training it is ${apart.toExponential(1)} away from what its forward says`);
  const total = (): number => exact().data.reduce((sum, y, at) => sum + y * (factors.data[at] as number), 0);
  for (const [at, { name, numbers }] of all.entries()) {
    const slope = slopes[at] as Float64Array;
    const direction = normal(numbers.length).data;
    const along = slope.reduce((sum, by, index) => sum + by * (direction[index] as number), 0);
    const numeric = derivative(numbers, direction, total);
    const error = Math.abs(along - numeric) / Math.max(1, Math.hypot(...slope));
    const found = `${along.toPrecision(5)} along a direction; finite differences give ${numeric.toPrecision(5)}`;
    expect(error <= TOLERANCE, `its gradient by ${name} is ${found}`);
  }
}

/** The branch's weights as arrays that can be changed, and each of them by name. */
function unfrozen(branch: Branch, read: BranchWeights): { weights: BranchWeights; variables: Variable[] } {
  const kernels = new Map<string, Kernel64>([...branch.kernels.keys()].map((name) => [name, read.kernel(name)]));
  const norms = new Map<string, InferenceNorm>([...branch.norms.keys()].map((name) => [name, read.norm(name)]));
  const variables = [
    ...[...kernels].map(([name, { data }]) => ({ name, state: branch.kernelName(name), numbers: data })),
    ...[...norms].flatMap(([name, { gamma, beta }]) => [
      { name: `γ of ${name}`, state: branch.normNames(name).gamma, numbers: gamma },
      { name: `β of ${name}`, state: branch.normNames(name).beta, numbers: beta },
    ]),
  ];
  // Names were checked when the branch was made.
  const weights: BranchWeights = {
    kernel: (name) => kernels.get(name) as Kernel64,
    norm: (name) => norms.get(name) as InferenceNorm,
  };
  return { weights, variables };
}

/** Value and gradients as the network takes them, of the sum of the outputs times factors. */
function differentiated(
  network: Supernet,
  images: tf.Tensor4D,
  factors: Array64,
  variables: readonly Variable[],
): { readonly value: Float32Array; readonly slopes: readonly Float64Array[] } {
  const { store } = network;
  const forward = (): tf.Tensor => trainingPass(network, images);
  try {
    const [value, ...slopes] = tf.tidy(() => {
      const watched = variables.map(({ state }) => (state === undefined ? images : store.get(state)));
      const scaled = tf.tensor(Float32Array.from(factors.data), [...factors.shape]);
      const value = forward().dataSync();
      const taken = gradients(() => tf.sum(tf.mul(forward(), scaled)) as tf.Scalar, watched).gradients;
      return [value, ...variables.map(({ numbers }, at) => taken[at]?.dataSync() ?? new Float32Array(numbers.length))];
    });
    return { value: value as Float32Array, slopes: slopes.map((slope) => Float64Array.from(slope as Float32Array)) };
  } finally {
    images.dispose();
  }
}

/** Of `f` along a direction of the numbers it depends on. */
function derivative(numbers: Float64Array, direction: Float64Array, f: () => number): number {
  const before = numbers.slice();
  const moved = (step: number): number => {
    for (const [at, value] of before.entries()) numbers[at] = value + step * (direction[at] as number);
    return f();
  };
  const slope = (moved(STEP) - moved(-STEP)) / (2 * STEP);
  numbers.set(before);
  return slope;
}
