export { type FoldedTensors, foldTensors } from './fold-tensors.js';
export { type ImportedNetwork, type ImportOptions, importNetwork } from './import-network.js';
export { type OpenOptions, openCheckpoint } from './open.js';
export type { OpenCheckpoint, TensorSource } from './tensor-source.js';
