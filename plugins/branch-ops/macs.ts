import type { BlockGeometry, ImageSize } from '../../core/contracts/index.js';

/** Height and width of a block's output. */
export const outputSize = ({ stride }: BlockGeometry, { height, width }: ImageSize): ImageSize => ({
  height: Math.ceil(height / stride),
  width: Math.ceil(width / stride),
});

/** Multiply-adds of one convolution from the block's inputs to its outputs, at the block's stride. */
export function convolutionMacs(
  block: BlockGeometry,
  [height, width]: readonly [number, number],
  input: ImageSize,
): number {
  const output = outputSize(block, input);
  return (height * width * block.inChannels * block.outChannels * output.height * output.width) / block.groups;
}
