import { z } from 'zod';
import {
  type BlockGeometry,
  defineFuser,
  type FoldableBranch,
  type FoldedConvolution,
} from '../../core/contracts/index.js';
import { foldNorm, foldSum } from '../../core/reparam/fold/index.js';

/** Each branch with its batch-norm (transform I), then their sum (transform II), all in float64. */
export const exact = defineFuser({
  name: 'exact',
  summary: 'folds every branch and its batch-norm in float64 and adds them up',
  options: z.strictObject({}),
  fuse: (block, branches) => {
    if (branches.length === 0) throw new Error(`block ${block.name} has no branch to fuse; expected at least one`);
    return foldSum(branches.map((branch) => foldBranch(block, branch)));
  },
});

/** @throws Error naming block and branch when the result is not finite. */
function foldBranch(block: BlockGeometry, { name, linear, norm }: FoldableBranch): FoldedConvolution {
  const folded = foldNorm(linear, norm);
  for (const [what, values] of [
    ['kernel', folded.kernel.data],
    ['bias', folded.bias],
  ] as const) {
    const found = values.find((value) => !Number.isFinite(value));
    if (found === undefined) continue;
    throw new Error(
      `block ${block.name} folds into a ${what} with ${found}, by its branch ${name}; expected finite numbers: training has diverged, so there is nothing to fuse`,
    );
  }
  return folded;
}
