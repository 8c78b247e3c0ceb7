export { type Augmentation, NO_AUGMENTATION } from './augment.js';
export type { ImageShape } from './image-operations.js';
export { readInto, withFile } from './files.js';
export { type Batch, type BatchOptions, batchCount, batches } from './batches.js';
export { memorySet, pickLabels } from './memory-set.js';
export { measureNormalisation, type Normalisation } from './normalisation.js';
export { splitSet, subset } from './split.js';
export { Unreadable } from './unreadable.js';
