import type { ImageSize } from '../../contracts/block.js';
import type { BlockNode } from '../../contracts/network.js';
import type { Supernet } from './supernet.js';

/** Trained numbers and multiply-adds for one image of the multi-branch form as it is now; `sizes` gives what each block reads. */
export function trainingCost(
  supernet: Supernet,
  sizes: ReadonlyMap<string, ImageSize>,
): { readonly parameters: number; readonly macs: number } {
  const { store } = supernet;
  const parameters = store
    .names()
    .filter((name) => store.role(name) !== 'statistics')
    .reduce((sum, name) => sum + store.get(name).size, 0);
  let macs = 0;
  for (const node of supernet.blocks.nodes) {
    const size = sizes.get(node.name);
    if (!size) throw new Error(`the size of the image that block ${node.name} reads is not known`);
    if (supernet.blocks.sumNorm(node.name)) macs += oneConvolution(node, size);
    else for (const { op, options } of supernet.blocks.branches(node.name)) macs += op.macs(node, options, size);
  }
  for (const node of supernet.graph.nodes) if (node.kind === 'dense') macs += node.inputs * node.outputs;
  return { parameters, macs };
}

/** A block that is squeezed before the images are convolved; squeezing is done once a step, whatever the images. */
function oneConvolution({ kernelSize, inChannels, outChannels, groups, stride }: BlockNode, size: ImageSize): number {
  const pixels = Math.ceil(size.height / stride) * Math.ceil(size.width / stride);
  return (kernelSize ** 2 * inChannels * outChannels * pixels) / groups;
}
