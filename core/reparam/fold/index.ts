/**
 * The foldings as pure functions on float64 (Ding et al. 2021, arXiv 2103.13425, transforms I to VI).
 * @module repnas/fold
 */
export { addFolded, type Convolution } from './accumulate.js';
export { foldPointwise } from './pointwise.js';
export {
  averageKernel,
  dilate,
  embed,
  foldAverage,
  foldConcat,
  foldNorm,
  foldSequence,
  foldSum,
  identityKernel64,
  splitGroups,
  withoutBias,
} from './transforms.js';
