import { singleConvolution } from './single.js';

export const conv1x1 = singleConvolution('conv-1x1', '1x1 convolution', () => [1, 1]);
