import type { Fuser } from '../../contracts/fuser.js';
import type { Chosen } from '../../contracts/part.js';
import type { Architecture } from '../../contracts/search-space.js';
import { foldable } from './block.js';
import type { Branch } from './branch.js';
import { EPSILON } from './norm.js';
import { measureStatistics } from './recalibrate.js';
import type { Supernet } from './supernet.js';

// Moves what a branch computes into its block's KxK branch and back, so that branches come and go while the network keeps its
// function (DyRep, arXiv 2203.12868, sections 3.2 and 3.3). Strategies reach this through the probe.

/** Images to measure statistics on, anew at every call. */
export type Calibration = () => AsyncIterable<{ readonly images: Float32Array; readonly size: number }>;

interface Operation {
  readonly supernet: Supernet;
  readonly fuser: Chosen<Fuser>;
  readonly calibration: Calibration;
  /** The branch that is a block's own KxK convolution. */
  readonly plain: string;
}

/**
 * Adds branches to blocks and subtracts what they compute from each block's KxK branch, so that its function stays. The new
 * batch-norms are measured on a few training batches first, since fresh ones would predict something else.
 */
export async function growBranches(operation: Operation, branches: Architecture, gamma: number): Promise<void> {
  const { supernet, calibration, plain } = operation;
  const grown = Object.entries(branches).flatMap(([block, names]) =>
    names.map((name) => supernet.blocks.grow(block, name, gamma)),
  );
  const statistics = grown.flatMap((branch) => branch.statistics());
  if (statistics.length > 0) await measureStatistics(supernet, statistics, calibration());
  for (const branch of grown) transplant(operation, branch, supernet.blocks.branch(branch.block.name, plain), -1);
  await settle(operation, targets(operation, branches));
}

/** Drops branches of blocks after adding what they compute to each block's KxK branch. */
export async function cutBranches(operation: Operation, branches: Architecture): Promise<void> {
  const { supernet, plain } = operation;
  for (const [block, names] of Object.entries(branches)) {
    const target = supernet.blocks.branch(block, plain);
    for (const name of names) {
      if (name === plain) throw new Error(`block ${block} cannot fold ${plain} into itself`);
      transplant(operation, supernet.blocks.branch(block, name), target, 1);
      supernet.blocks.cut(block, name);
    }
  }
  await settle(operation, targets(operation, branches));
}

const targets = ({ supernet, plain }: Operation, branches: Architecture): Branch[] =>
  Object.entries(branches).flatMap(([block, names]) =>
    names.length > 0 ? [supernet.blocks.branch(block, plain)] : [],
  );

/** Adds (`sign` 1) or subtracts (−1) what a branch computes at inference to or from another one, whose kernel is KxK. */
function transplant({ supernet, fuser }: Operation, branch: Branch, target: Branch, sign: 1 | -1): void {
  const { store } = supernet;
  const folded = fuser.definition.fuse(branch.block, foldable([branch], store), fuser.options);
  const kernelName = target.kernelName('kernel');
  const kernel = store.read(kernelName);
  if (kernel.length !== folded.kernel.data.length) {
    throw new Error(
      `branch ${target.name} of block ${branch.block.name} has no KxK kernel that could take up branch ${branch.name}`,
    );
  }
  // The target scales whatever is put in front of it.
  const scale = inferenceScale(supernet, target);
  for (const [at, value] of folded.kernel.data.entries()) {
    kernel[at] = (kernel[at] as number) + (sign * value) / (scale[at % scale.length] as number);
  }
  store.write(kernelName, kernel);
  if (!target.norms.has('norm')) return;
  const { beta: betaName } = target.normNames('norm');
  store.write(
    betaName,
    store.read(betaName).map((beta, channel) => beta + sign * (folded.bias[channel] as number)),
  );
}

/** γ/√(running variance + ε) of a branch, or its scale where it has no batch-norm. */
function inferenceScale({ store }: Supernet, branch: Branch): Float64Array {
  const gamma = Float64Array.from(store.read(branch.scale));
  const dead = gamma.indexOf(0);
  if (dead >= 0) throw new Error(`branch ${branch.name} of block ${branch.block.name} has scale 0 in channel ${dead}`);
  if (!branch.norms.has('norm')) return gamma;
  const variance = store.read(branch.normNames('norm').statistics).subarray(gamma.length);
  return gamma.map((value, channel) => value / Math.sqrt((variance[channel] as number) + EPSILON));
}

/**
 * Measures the running statistics that belong to the branches' changed kernels, and changes γ and β so that each computes the
 * same at inference. In training, where batches are normalised by their own statistics, it then computes nearly the same too.
 */
async function settle({ supernet, calibration }: Operation, branches: readonly Branch[]): Promise<void> {
  const { store } = supernet;
  const before = branches
    .filter((branch) => branch.norms.has('norm'))
    .map((branch) => {
      const names = branch.normNames('norm');
      return { names, statistics: store.read(names.statistics), scale: inferenceScale(supernet, branch) };
    });
  if (before.length === 0) return;
  await measureStatistics(
    supernet,
    before.map(({ names }) => names.statistics),
    calibration(),
  );
  for (const { names, statistics, scale } of before) {
    const after = store.read(names.statistics);
    const channels = scale.length;
    const beta = store.read(names.beta);
    const gamma = store.read(names.gamma);
    for (const [channel, factor] of scale.entries()) {
      const moved = (after[channel] as number) - (statistics[channel] as number);
      beta[channel] = (beta[channel] as number) + factor * moved;
      gamma[channel] = factor * Math.sqrt((after[channels + channel] as number) + EPSILON);
    }
    store.write(names.gamma, gamma);
    store.write(names.beta, beta);
  }
}
