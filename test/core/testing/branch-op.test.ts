import test from 'ava';
import { z } from 'zod';
import { type BranchOp, defineBranchOp } from '../../../core/contracts/index.js';
import { dilate, embed, withoutBias } from '../../../core/reparam/fold/index.js';
import { checkLaws, LawError, testBranchOp } from '../../../core/testing/index.js';
import { conv1x1KxK } from '../../../plugins/branch-ops/conv-1x1-kxk.js';
import { convKxK } from '../../../plugins/branch-ops/conv-kxk.js';

/** What the kit says of an op that breaks a law. */
async function verdict(op: BranchOp, runs = 40): Promise<string> {
  const error = await checkLaws(testBranchOp(op, { runs })).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof LawError ? error.message : `no broken law: ${error}`;
}

const broken = (changes: Partial<BranchOp>, from: BranchOp = convKxK): BranchOp => ({ ...from, ...changes });

test('a fold that leaves something out is told with the smallest block that shows it', async (t) => {
  const fold: BranchOp['fold'] = (weights, block, options) => {
    const folded = convKxK.fold(weights, block, options as Record<string, never>);
    if (block.stride > 1 && block.kernelSize > 1) folded.kernel.data[0] = 0;
    return folded;
  };
  const said = await verdict(broken({ fold }));
  t.regex(said, /^branch op 'conv-kxk': broken law: is the one KxK convolution that it folds into\n/);
  t.regex(said, /smallest case: 3x3 block of 1 to 1 channels, stride 2, groups 1, images \dx\d, seed \d+$/);
});

test('padding that only even sizes show, statistics that only random ones show', async (t) => {
  const forward: BranchOp['forward'] = (input, branch) =>
    branch.convolve(input, branch.kernel('kernel'), { stride: branch.block.stride, padding: [0, 0] });
  t.regex(await verdict(broken({ forward })), /its output is|is the one KxK/);
  const fold: BranchOp['fold'] = (weights, block, options) => {
    const initial = {
      ...weights,
      norm: (name: string) => {
        const norm = weights.norm(name);
        return { ...norm, mean: norm.mean.map(() => 0), variance: norm.variance.map(() => 1) };
      },
    };
    return conv1x1KxK.fold(initial, block, options as never);
  };
  t.regex(await verdict(broken({ fold }, conv1x1KxK as BranchOp)), /is the one KxK convolution that it folds into/);
});

test('a wrong cost, names that meet, an op that exists nowhere, and one that looks inside maps', async (t) => {
  t.regex(
    await verdict(broken({ macs: () => 7 })),
    /costs the multiply-adds .*\n {2}macs\(\) says 7; its forward takes \d+/,
  );
  const kernels: BranchOp['kernels'] = (block, options) => {
    const [kernel] = convKxK.kernels(block, options as Record<string, never>);
    return kernel ? [kernel, kernel] : [];
  };
  t.regex(await verdict(broken({ kernels })), /two of its kernels and norms are named 'kernel'/);
  t.regex(await verdict(broken({ exists: () => false })), /exists for none of/);
  const forward: BranchOp['forward'] = (input, branch) => ({
    ...branch.convolve(input, branch.kernel('kernel'), { stride: branch.block.stride }),
    border: 1,
  });
  t.regex(await verdict(broken({ forward })), /returns a map with a border of 1/);
  t.regex(await verdict(broken({ options: z.strictObject({ size: z.int() }) })), /its options schema refuses \{\}/);
});

test('an op without a mistake passes: a dilated 3x3 that folds into 5x5', async (t) => {
  const dilated = defineBranchOp({
    name: 'conv-dilated',
    summary: '3x3 convolution at dilation 2',
    options: z.strictObject({}),
    exists: ({ kernelSize }) => kernelSize === 5,
    kernels: ({ inChannels, outChannels, groups }) => [
      { name: 'kernel', height: 3, width: 3, inputs: inChannels / groups, outputs: outChannels },
    ],
    forward: (input, branch) =>
      branch.convolve(input, branch.kernel('kernel'), { stride: branch.block.stride, dilation: 2 }),
    fold: (weights, { kernelSize }) => withoutBias(embed(dilate(weights.kernel('kernel'), 2), kernelSize)),
    macs: ({ inChannels, outChannels, groups, stride }, _, { height, width }) =>
      (9 * inChannels * outChannels * Math.ceil(height / stride) * Math.ceil(width / stride)) / groups,
  });
  await t.notThrowsAsync(checkLaws(testBranchOp(dilated)));
});
