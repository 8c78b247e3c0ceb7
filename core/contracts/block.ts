/** The convolution that a block stands for; every branch must fold into it. Padding is ⌊K/2⌋ on each side. */
export interface BlockGeometry {
  /** Unique within the network; the first part of every state name of the block. */
  readonly name: string;
  readonly inChannels: number;
  readonly outChannels: number;
  /** K: odd, 1 to 7. */
  readonly kernelSize: number;
  readonly stride: number;
  /** Divides both channel counts; equal to both for a depthwise block. */
  readonly groups: number;
}

/** Height and width of the image that a block reads. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}
