/**
 * The foldings as pure functions on float64 (Ding et al. 2021, arXiv 2103.13425, transforms I to VI).
 * @module repnas/fold
 */
export { addFolded, type Convolution } from './accumulate.js';
export { averageKernel, foldAverage } from './average.js';
export { foldConcat, splitGroups } from './concat.js';
export { dilate } from './dilate.js';
export { embed } from './embed.js';
export { identityKernel64, withoutBias } from './identity.js';
export { foldNorm } from './norm.js';
export { foldPointwise } from './pointwise.js';
export { foldSequence } from './sequence.js';
export { foldSum } from './sum.js';
