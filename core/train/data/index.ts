export { type Augmentation, NO_AUGMENTATION } from './augment.js';
export type { ImageShape } from './image-operations.js';
export { readInto, withFile } from './files.js';
export { type Batch, batchCount, batches, type BatchOptions } from './batches.js';
export { memorySet, pickLabels, splitSet, subset, Unreadable } from './sets.js';
export { measureNormalisation, type Normalisation } from './normalisation.js';
