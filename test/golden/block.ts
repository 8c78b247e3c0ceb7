import * as tf from '@tensorflow/tfjs-core';
import type { BranchOp, Chosen, Fuser, RandomSource, WeightSharing } from '../../core/contracts/index.js';
import { fuseNetwork } from '../../core/reparam/network/fuse.js';
import type { PadStatistics } from '../../core/reparam/network/norm.js';
import { Supernet } from '../../core/reparam/network/supernet.js';
import type { GoldenArray, GoldenParams } from './cases.js';
import { shapeOf, toOurs } from './cases.js';

/** Where a branch's numbers stand in a case: names without `.weight`, kernels and inner norms in the order of use. */
export interface BranchSource {
  readonly op: Chosen<BranchOp>;
  readonly kernels: readonly string[];
  readonly norms: readonly string[];
  readonly closing: string;
}

export interface GoldenBlock {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly groups: number;
  readonly stride: number;
}

const BLOCK = 'block';

/** One block with the given branches as a network of its own, its numbers those of the case. */
export function goldenSupernet(
  geometry: GoldenBlock,
  x: GoldenArray,
  sources: readonly BranchSource[],
  params: GoldenParams,
  { padStatistics, random, none }: { padStatistics: PadStatistics; random: RandomSource; none: Chosen<WeightSharing> },
): Supernet {
  const [, height, width] = shapeOf(x, 'images');
  const names = sources.map(({ op }) => op.definition.name);
  const supernet = new Supernet({
    graph: {
      input: [height, width, geometry.inChannels],
      classes: 1,
      nodes: [{ kind: 'block', name: BLOCK, input: 'input', ...geometry, activation: 'none', searchable: true }],
    },
    spaces: [{ block: BLOCK, branches: names, always: [] }],
    branchOps: new Map(sources.map(({ op }) => [op.definition.name, op])),
    plain: (sources[0] as BranchSource).op,
    weightSharing: none,
    padStatistics,
    blockEvaluation: 'auto',
    dropout: 0,
    random,
  });
  supernet.initialise();
  for (const [branch, source] of sources.entries()) fill(supernet, branch, source, params);
  return supernet;
}

/** Writes a branch's kernels, norms and running statistics from a case into the network. */
export function fill(supernet: Supernet, at: number, source: BranchSource, params: GoldenParams, block = BLOCK): void {
  for (const [name, array, what] of statesOf(supernet, at, source, block)) {
    const { store } = supernet;
    if (what === 'statistics') {
      const mean = numbers(params, `${array}.running_mean`);
      const variance = numbers(params, `${array}.running_var`);
      store.write(name, Float32Array.from([...mean, ...variance]));
    } else store.write(name, toOurs(golden(params, array), what));
  }
}

/** Every state of a branch: its name in the network, where it stands in the case, and its layout. */
export function statesOf(
  supernet: Supernet,
  at: number,
  source: BranchSource,
  block = BLOCK,
): [name: string, golden: string, what: 'kernel' | 'other' | 'statistics'][] {
  const branch = supernet.blocks.branches(block)[at];
  if (!branch) throw new Error(`block ${block} has no branch ${at}`);
  const kernels = [...branch.kernels.keys()].map((kernel, k) => {
    const from = source.kernels[k];
    if (from === undefined) throw new Error(`${branch.name} has a kernel '${kernel}' that the case does not name`);
    return [branch.kernelName(kernel), `${from}.weight`, 'kernel'] as [string, string, 'kernel'];
  });
  const norms = [...branch.norms.keys()].flatMap((norm, n) => {
    const from = norm === 'norm' ? source.closing : source.norms[n];
    const names = branch.normNames(norm);
    return [
      [names.gamma, `${from}.weight`, 'other'],
      [names.beta, `${from}.bias`, 'other'],
      [names.statistics, `${from}`, 'statistics'],
    ] as [string, string, 'other' | 'statistics'][];
  });
  return [...kernels, ...norms];
}

export function golden(params: GoldenParams, name: string): GoldenArray {
  const array = params[name];
  if (!array) throw new Error(`the case has no ${name}; it has ${Object.keys(params).join(', ')}`);
  return array;
}

const numbers = (params: GoldenParams, name: string): readonly number[] => golden(params, name).data;

export const imagesOf = (array: GoldenArray): tf.Tensor4D =>
  tf.tensor4d(toOurs(array, 'images'), shapeOf(array, 'images'));

/** The one block's fused kernel (HWIO) and bias. */
export function fuseBlock(supernet: Supernet, fuser: Chosen<Fuser>): { kernel: Float32Array; bias: Float32Array } {
  const metadata = { classes: [], normalisation: { mean: [], deviation: [] }, architecture: {}, certificate: {} };
  const fused = fuseNetwork(supernet, fuser, metadata).convolutions.get(BLOCK);
  if (!fused) throw new Error('the block was not fused');
  return fused;
}
