import { singleConvolution } from './single.js';

/** The convolution that the block stands for. */
export const convKxK = singleConvolution('conv-kxk', 'KxK convolution', ({ kernelSize }) => [kernelSize, kernelSize]);
