import type { Fuser } from '../contracts/fuser.js';
import type { Chosen } from '../contracts/part.js';
import { foldable } from './block.js';
import type { Branch } from './branch.js';
import { EPSILON } from './norm.js';
import type { Supernet } from './supernet.js';

/**
 * Adds (`sign` 1) or takes off (−1) what a branch computes at inference to or from the block's own KxK convolution, so that
 * the branch can be dropped, or has just been added, without a change of the block's function (DyRep, section 3.2).
 */
export function transplant(
  supernet: Supernet,
  fuser: Chosen<Fuser>,
  block: string,
  branch: Branch,
  target: Branch,
  sign: 1 | -1,
): void {
  const { store } = supernet;
  const folded = fuser.definition.fuse(branch.block, foldable([branch], store), fuser.options);
  const names = target.normNames('norm');
  const [gamma, beta, statistics] = [store.read(names.gamma), store.read(names.beta), store.read(names.statistics)];
  const channels = gamma.length;
  const kernelName = target.kernelName('kernel');
  const kernel = store.read(kernelName);
  if (kernel.length !== folded.kernel.data.length) {
    throw new Error(
      `branch ${target.name} of block ${block} has no KxK kernel that could take up branch ${branch.name}`,
    );
  }
  // The target's batch-norm scales by γ/σ whatever is put in front of it.
  for (const [at, value] of folded.kernel.data.entries()) {
    const channel = at % channels;
    const deviation = Math.sqrt((statistics[channels + channel] ?? 1) + EPSILON);
    kernel[at] = (kernel[at] ?? 0) + (sign * value * deviation) / (gamma[channel] ?? 1);
  }
  for (const [channel, value] of folded.bias.entries()) beta[channel] = (beta[channel] ?? 0) + sign * value;
  store.write(kernelName, kernel);
  store.write(names.beta, beta);
}
