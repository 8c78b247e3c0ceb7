export { addFolded, type Convolution } from './accumulate.js';
export { averageKernel, foldAverage } from './average.js';
export { foldConcat, splitGroups } from './concat.js';
export { dilate } from './dilate.js';
export { embed } from './embed.js';
export { identityKernel64, withoutBias } from './identity.js';
export { foldNorm } from './norm.js';
export { foldSequence } from './sequence.js';
export { foldSum } from './sum.js';
