import * as tf from '@tensorflow/tfjs-core';
import type { ExecutionContext } from 'ava';
import type { BranchOp, Chosen } from '../../core/contracts/index.js';
import type { PadStatistics } from '../../core/reparam/network/norm.js';
import { everyBranch } from '../../core/reparam/network/gates.js';
import type { Supernet } from '../../core/reparam/network/supernet.js';
import { createRandomSource } from '../../core/train/random/index.js';
import { branchOps } from '../../plugins/branch-ops/index.js';
import { exact } from '../../plugins/fusers/exact.js';
import { none } from '../../plugins/weight-sharing/none.js';
import { type BranchSource, fuseBlock, type GoldenBlock, golden, goldenSupernet, imagesOf, statesOf } from './block.js';
import { type BlocksCase, type GoldenParams, type OpCase, relativeError, toOurs } from './cases.js';
import { blockSources, type NamedSource, opSource } from './sources.js';

const TOLERANCE = 1e-4;

/** The branch op of a case with its options, as a config would choose it. */
export function chosenOp({ op, options, ...places }: NamedSource): BranchSource {
  const definition = branchOps.find(({ name }) => name === op);
  if (!definition) throw new Error(`there is no branch op ${op}`);
  return { op: { definition, options: definition.options.parse(options) } as Chosen<BranchOp>, ...places };
}

export function checkOp(t: ExecutionContext, reference: OpCase): void {
  const geometry = { ...pick(reference), kernelSize: kernelSizeOf(reference) };
  const sources = [chosenOp(opSource(reference))];
  checkInference(t, geometry, sources, reference);
  const supernet = build(geometry, reference, sources, 'running');
  const output = tf.tidy(() => {
    const gates = new Map([['block', tf.ones([1]) as tf.Tensor1D]]);
    return supernet.train(imagesOf(reference.x), everyBranch(supernet.blocks), gates, 0).dataSync();
  });
  close(t, 'training output', output, toOurs(reference.trainOutput, 'images'));
  for (const [name, place, what] of statesOf(supernet, 0, sources[0] as BranchSource)) {
    close(
      t,
      `${name} after the step`,
      supernet.store.read(name),
      expected(reference.paramsAfterTrainStep, place, what),
    );
  }
  supernet.dispose();
}

export function checkBlock(t: ExecutionContext, reference: BlocksCase): void {
  const geometry = { ...pick(reference), kernelSize: reference.kernelSize };
  checkInference(t, geometry, blockSources(reference).map(chosenOp), reference);
}

function checkInference(
  t: ExecutionContext,
  geometry: GoldenBlock,
  sources: readonly BranchSource[],
  reference: OpCase | BlocksCase,
): void {
  const supernet = build(geometry, reference, sources, 'batch');
  const output = tf.tidy(() => supernet.infer(imagesOf(reference.x)).dataSync());
  close(t, 'evaluation output', output, toOurs(reference.evalOutput, 'images'));
  const { kernel, bias } = fuseBlock(supernet, { definition: exact, options: {} });
  close(t, 'fused kernel', kernel, toOurs(reference.fusedKernel, 'kernel'));
  close(t, 'fused bias', bias, toOurs(reference.fusedBias, 'other'));
  supernet.dispose();
}

const build = (
  geometry: GoldenBlock,
  { x, params }: OpCase | BlocksCase,
  sources: readonly BranchSource[],
  padStatistics: PadStatistics,
): Supernet =>
  goldenSupernet(geometry, x, sources, params, {
    padStatistics,
    random: createRandomSource(0),
    none: { definition: none, options: {} },
  });

const pick = ({ inChannels, outChannels, groups, stride }: OpCase | BlocksCase): Omit<GoldenBlock, 'kernelSize'> => ({
  inChannels,
  outChannels,
  groups,
  stride,
});

/** The RepNAS code always folds into the size of its fused kernel. */
const kernelSizeOf = ({ fusedKernel }: OpCase): number => fusedKernel.shape[2] ?? 3;

export function expected(params: GoldenParams, place: string, what: 'kernel' | 'other' | 'statistics'): Float32Array {
  if (what !== 'statistics') return toOurs(golden(params, place), what);
  const { data: mean } = golden(params, `${place}.running_mean`);
  const { data: variance } = golden(params, `${place}.running_var`);
  return Float32Array.from([...mean, ...variance]);
}

export function close(
  t: ExecutionContext,
  what: string,
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance = TOLERANCE,
): void {
  const error = relativeError(found, wanted);
  t.true(error <= tolerance, `${what}: relative error ${error}, allowed ${tolerance}`);
}
