import { z } from 'zod';
import { defineWeightSharing } from '../../core/contracts/index.js';

/** Every branch trains kernels of its own. */
export const none = defineWeightSharing({
  name: 'none',
  summary: 'every branch trains kernels of its own',
  options: z.strictObject({}),
  bind: (_, branch, { name, height, width, inputs, outputs }) => ({
    parameter: `${branch}.${name}`,
    shape: [height, width, inputs, outputs],
  }),
});
