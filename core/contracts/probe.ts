import type { BlockGeometry } from './block.js';
import type { ParameterView } from './network.js';
import type { Architecture } from './search-space.js';

/** Images inside a network, `[N, H, W, C]`. */
export interface ObservedImages {
  readonly shape: readonly [images: number, height: number, width: number, channels: number];
  readonly data: Float32Array;
}

/** Experiments that a strategy may run on the network between steps. */
export interface Probe {
  readonly parameters: ParameterView;
  /**
   * Measures a mask on the validation split with inherited weights, after recalibrating its batch-norms on training batches;
   * leaves the network as it was. `accuracy` is a fraction, `loss` the mean cross-entropy.
   * @throws Error when the config keeps no validation split, or a block is left without a branch.
   */
  evaluate(mask: Uint8Array): Promise<{ readonly accuracy: number; readonly loss: number }>;
  /**
   * Visits the images that every block reads at inference, for a few training batches. Leaves the network unchanged. The arrays
   * belong to the network: copy what you keep.
   */
  observe(visit: (block: BlockGeometry, images: ObservedImages) => void): Promise<void>;
  /**
   * Adds branches to blocks, each with `gamma` as its initial scale and with batch-norms measured on training batches, and
   * subtracts what they compute from the block's KxK branch: at inference every block computes the same as before.
   */
  grow(branches: Architecture, gamma: number): Promise<void>;
  /**
   * Drops branches of blocks after folding each into its block's KxK branch: at inference every block computes the same as
   * before. Cut what belongs together in one call: the KxK branches' statistics are measured once a call.
   * @throws Error when a block has no KxK branch, or is to lose it.
   */
  cut(branches: Architecture): Promise<void>;
}
