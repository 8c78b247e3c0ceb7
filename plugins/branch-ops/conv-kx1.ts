import { singleConvolution } from './single.js';

/** The vertical half of an asymmetric block (Ding et al. 2019). */
export const convKx1 = singleConvolution(
  'conv-kx1',
  'Kx1 convolution, K high',
  ({ kernelSize }) => [kernelSize, 1],
  ({ kernelSize }) => kernelSize > 1,
);
