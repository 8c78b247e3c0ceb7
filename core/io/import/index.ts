export { type FoldedTensors, foldTensors } from './fold-tensors.js';
export { findNetwork, whyBlocksAlone } from './find-network.js';
export { openUnfused, type UnfusedNetwork } from './unfused-network.js';
export { type ImportedNetwork, importNetwork } from './import-network.js';
export type { ComparedImages, ImagesFor, ImportOptions } from './options.js';
export { compareBlock } from './two-paths.js';
export { type OpenOptions, openCheckpoint } from './open.js';
export type { OpenCheckpoint, TensorSource } from './tensor-source.js';
