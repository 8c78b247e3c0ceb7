import { singleConvolution } from './single.js';

/** The horizontal half of an asymmetric block (Ding et al. 2019). */
export const conv1xK = singleConvolution(
  'conv-1xk',
  '1xK convolution, K wide',
  ({ kernelSize }) => [1, kernelSize],
  ({ kernelSize }) => kernelSize > 1,
);
