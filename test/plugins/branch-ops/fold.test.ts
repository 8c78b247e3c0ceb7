import test from 'ava';
import { testBranchOp } from '../../../core/testing/index.js';
import { conv1x1Average } from '../../../plugins/branch-ops/conv-1x1-avg.js';
import { conv1x1KxK } from '../../../plugins/branch-ops/conv-1x1-kxk.js';
import { branchOps } from '../../../plugins/branch-ops/index.js';

for (const op of branchOps) {
  for (const { name, check } of testBranchOp(op)) test.serial(name, async (t) => t.notThrowsAsync(check));
}

const variants = [
  ...[{ innerWidth: 1 }, { innerWidth: 1.5 }, { innerWidth: 2 }, { pointwiseAtStride: false }].map(
    (options) => [conv1x1KxK, options] as const,
  ),
  ...[{ pointwise: true }, { pointwise: false }].map((options) => [conv1x1Average, options] as const),
];

for (const [op, options] of variants) {
  // biome-ignore lint/suspicious/noExplicitAny: each op with options of its own
  for (const { name, check } of testBranchOp<any>(op, { options, runs: 40 })) {
    test.serial(`${name}, with ${JSON.stringify(options)}`, async (t) => t.notThrowsAsync(check));
  }
}
