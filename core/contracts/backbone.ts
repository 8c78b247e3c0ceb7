import type { NetworkGraph } from './network.js';
import type { Part } from './part.js';

/** Describes a network for images of a given shape. */
export interface Backbone<Options = unknown> extends Part<Options> {
  /** @throws Error if the image is too small for the network, or has the wrong number of channels. */
  build(
    input: readonly [height: number, width: number, channels: number],
    classes: number,
    options: Options,
  ): NetworkGraph;
}
