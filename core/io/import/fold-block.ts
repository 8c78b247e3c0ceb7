import type { FoldedConvolution, InferenceNorm } from '../../contracts/kernel.js';
import {
  addFolded,
  averageKernel,
  type Convolution,
  dilate,
  foldNorm,
  foldPointwise,
  foldSequence,
  identityKernel64,
  withoutBias,
} from '../../reparam/fold/index.js';
import type { ImportedBlock, ImportedBranch, ImportedLayer } from './branch.js';
import { CheckpointError } from './checkpoint-error.js';

/**
 * All branches of a block as one KxK convolution.
 *
 * @param room where the kernel may be put; filled anew, and used only if it is large enough
 * @throws Error naming the branch whose layers do not fit one another
 */
export function foldBlock(block: ImportedBlock, room = new Float64Array()): FoldedConvolution {
  const { kernelSize, inputs, outputs, branches, closing } = block;
  const shape = [kernelSize, kernelSize, inputs, outputs] as const;
  const length = kernelSize ** 2 * inputs * outputs;
  const data = room.length >= length ? room.subarray(0, length).fill(0) : new Float64Array(length);
  const folded: FoldedConvolution = { kernel: { shape, data }, bias: new Float64Array(outputs) };
  for (const branch of branches) {
    try {
      const { linear, norm } = split(branch);
      addFolded(folded, foldLayers(block, linear), norm);
    } catch (error) {
      throw new CheckpointError(`branch ${block.name}.${branch.source}: ${(error as Error).message}`, { cause: error });
    }
  }
  return closing ? foldNorm(folded, closing) : folded;
}

/** A branch's layers without the batch-norm that ends it, and that batch-norm. */
export function split({ layers }: ImportedBranch): {
  readonly linear: readonly ImportedLayer[];
  readonly norm?: InferenceNorm;
} {
  const last = layers.at(-1);
  return last?.kind === 'norm' ? { linear: layers.slice(0, -1), norm: last.norm } : { linear: layers };
}

function foldLayers(block: ImportedBlock, layers: readonly ImportedLayer[]): Convolution {
  let folded: Convolution | undefined;
  for (const layer of layers) {
    if (layer.kind === 'convolution') folded = after(folded, spaced(layer), block.inputs);
    else if (layer.kind === 'norm')
      folded = foldNorm(exact(folded ?? nothing(block, layer.norm.gamma.length)), layer.norm);
    else folded = after(folded ?? nothing(block), average(block), block.inputs);
  }
  return folded ?? nothing(block);
}

/** A kernel with its taps as far apart as they are. */
function spaced({ convolution, dilation = 1 }: Extract<ImportedLayer, { kind: 'convolution' }>): Convolution {
  if (dilation === 1) return convolution;
  const { kernel, bias } = exact(convolution);
  return { kernel: dilate(kernel, dilation), bias };
}

/** Two convolutions one behind the other; how many groups they have in common, their channels say. */
function after(first: Convolution | undefined, second: Convolution, inputs: number): Convolution {
  if (!first) return second;
  const [height, width] = first.kernel.shape;
  const [one, same, within] = second.kernel.shape;
  if ((height > 1 || width > 1) && one === 1 && same === 1) return foldPointwise(exact(first), exact(second), inputs);
  return foldSequence(exact(first), exact(second), first.kernel.shape[3] / within);
}

function exact({ kernel: { shape, data }, bias }: Convolution): FoldedConvolution {
  return { kernel: { shape, data: data instanceof Float64Array ? data : new Float64Array(data) }, bias };
}

/** What hands every channel on: what a branch starts with that has no convolution. */
const nothing = ({ inputs, outputs }: ImportedBlock, channels = outputs): FoldedConvolution =>
  withoutBias(identityKernel64(channels, channels / inputs));

/** Pooling sees every channel alone. */
const average = ({ kernelSize, outputs }: ImportedBlock): FoldedConvolution =>
  withoutBias(averageKernel(kernelSize, outputs, outputs));
