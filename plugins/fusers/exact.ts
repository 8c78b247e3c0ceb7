import { z } from 'zod';
import { defineFuser } from '../../core/contracts/index.js';
import { foldNorm, foldSum } from '../../core/fold/index.js';

/** Each branch with its batch-norm (transform I), then their sum (transform II), all in float64. */
export const exact = defineFuser({
  name: 'exact',
  summary: 'folds every branch and its batch-norm in float64 and adds them up',
  options: z.strictObject({}),
  fuse: (_, branches) => foldSum(branches.map(({ linear, norm }) => foldNorm(linear, norm))),
});
