import type { FoldedConvolution } from '../contracts/kernel.js';
import { averageKernel, embed, foldNorm, foldSequence, foldSum, identityKernel64, withoutBias } from '../fold/index.js';
import type { ImportedBlock, ImportedBranch } from './branch.js';

/** All branches of a block as one KxK convolution. @throws Error naming the branch whose layers do not fit one another. */
export const foldBlock = (block: ImportedBlock): FoldedConvolution =>
  foldSum(block.branches.map((branch) => foldBranch(block, branch)));

function foldBranch(block: ImportedBlock, { source, layers }: ImportedBranch): FoldedConvolution {
  let folded: FoldedConvolution | undefined;
  try {
    for (const layer of layers) {
      if (layer.kind === 'convolution') folded = after(folded, layer.convolution);
      else if (layer.kind === 'norm') folded = foldNorm(folded ?? nothing(block), layer.norm);
      else folded = after(folded ?? nothing(block), average(block));
    }
    const { kernel, bias } = folded ?? nothing(block);
    return { kernel: embed(kernel, block.kernelSize), bias };
  } catch (error) {
    throw new Error(`branch ${block.name}.${source}: ${(error as Error).message}`, { cause: error });
  }
}

/** Two convolutions one behind the other; how many groups they have in common, their channels say. */
function after(first: FoldedConvolution | undefined, second: FoldedConvolution): FoldedConvolution {
  return first ? foldSequence(first, second, first.kernel.shape[3] / second.kernel.shape[2]) : second;
}

/** What hands every channel on: what a branch starts with that has no convolution. */
const nothing = ({ inputs, outputs }: ImportedBlock): FoldedConvolution =>
  withoutBias(identityKernel64(outputs, outputs / inputs));

/** Pooling sees every channel alone. */
const average = ({ kernelSize, outputs }: ImportedBlock): FoldedConvolution =>
  withoutBias(averageKernel(kernelSize, outputs, outputs));
