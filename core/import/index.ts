export { type FoldedTensors, foldTensors } from './fold-tensors.js';
export { type ImportedNetwork, type ImportOptions, importNetwork, isKnownNetwork } from './import-network.js';
export { compareBlock } from './two-paths.js';
export { type OpenOptions, openCheckpoint } from './open.js';
export type { OpenCheckpoint, TensorSource } from './tensor-source.js';
