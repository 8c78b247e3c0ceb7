import type { Fuser } from '../../contracts/fuser.js';
import type { Chosen } from '../../contracts/part.js';
import { foldable } from './block.js';
import type { Branch } from './branch.js';
import { EPSILON } from './norm.js';
import { measureStatistics } from './recalibrate.js';
import type { Supernet } from './supernet.js';

/** Images to measure statistics on, anew at every call. */
export type Calibration = () => AsyncIterable<{ readonly images: Float32Array; readonly size: number }>;

interface Operation {
  readonly supernet: Supernet;
  readonly fuser: Chosen<Fuser>;
  readonly calibration: Calibration;
  readonly block: string;
  /** The branch that is the block's own KxK convolution. */
  readonly plain: string;
}

/**
 * Adds branches to a block and takes what they compute off its own KxK convolution, so that the block's function stays. Their
 * batch-norms first see a few training batches, as while training they will not do what fresh ones say (DyRep, arXiv
 * 2203.12868, section 3.2).
 */
export async function growBranches(operation: Operation, names: readonly string[], gamma: number): Promise<void> {
  const { supernet, calibration, block, plain } = operation;
  const target = supernet.blocks.branch(block, plain);
  const grown = names.map((name) => supernet.blocks.grow(block, name, gamma));
  const statistics = grown.flatMap((branch) => branch.statistics());
  if (statistics.length > 0) await measureStatistics(supernet, statistics, calibration());
  for (const branch of grown) transplant(operation, branch, target, -1);
  await settle(operation, target);
}

/** Drops branches of a block after adding what they compute to its own KxK convolution (section 3.3). */
export async function cutBranches(operation: Operation, names: readonly string[]): Promise<void> {
  const { supernet, block, plain } = operation;
  const target = supernet.blocks.branch(block, plain);
  for (const name of names) {
    transplant(operation, supernet.blocks.branch(block, name), target, 1);
    supernet.blocks.cut(block, name);
  }
  await settle(operation, target);
}

/** Adds (`sign` 1) or takes off (−1) what a branch computes at inference to or from another one, the kernel of which is KxK. */
function transplant({ supernet, fuser, block }: Operation, branch: Branch, target: Branch, sign: 1 | -1): void {
  const { store } = supernet;
  const folded = fuser.definition.fuse(branch.block, foldable([branch], store), fuser.options);
  const kernelName = target.kernelName('kernel');
  const kernel = store.read(kernelName);
  if (kernel.length !== folded.kernel.data.length) {
    throw new Error(
      `branch ${target.name} of block ${block} has no KxK kernel that could take up branch ${branch.name}`,
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
 * Brings a branch's running statistics up to date with its kernel, its γ and β changed so that it computes the same at
 * inference. While training, when batches are normalised by their own statistics, it then goes on nearly the same too.
 */
async function settle({ supernet, calibration }: Operation, branch: Branch): Promise<void> {
  if (!branch.norms.has('norm')) return;
  const { store } = supernet;
  const names = branch.normNames('norm');
  const before = store.read(names.statistics);
  const scale = inferenceScale(supernet, branch);
  await measureStatistics(supernet, [names.statistics], calibration());
  const after = store.read(names.statistics);
  const channels = scale.length;
  const beta = store.read(names.beta);
  const gamma = store.read(names.gamma);
  for (const [channel, factor] of scale.entries()) {
    const moved = (after[channel] as number) - (before[channel] as number);
    beta[channel] = (beta[channel] as number) + factor * moved;
    gamma[channel] = factor * Math.sqrt((after[channels + channel] as number) + EPSILON);
  }
  store.write(names.gamma, gamma);
  store.write(names.beta, beta);
}
