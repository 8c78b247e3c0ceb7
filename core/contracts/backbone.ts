import type { NetworkGraph } from './network.js';
import type { Part } from './part.js';

/** Describes a network for images of a given shape. */
export interface Backbone<Options = unknown> extends Part<Options> {
  /** @throws Error when the image is too small or of the wrong depth for the network. */
  build(
    input: readonly [height: number, width: number, channels: number],
    classes: number,
    options: Options,
  ): NetworkGraph;
}
