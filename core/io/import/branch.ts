import type { InferenceNorm } from '../../contracts/kernel.js';
import type { Convolution } from '../../reparam/fold/index.js';

/** One linear branch as it was trained: its layers one behind the other. Padding inside is the answer to a zero input, as DBB has it. */
export interface ImportedBranch {
  /** What the checkpoint calls it. */
  readonly source: string;
  readonly layers: readonly ImportedLayer[];
}

/** Norms in float64, kernels HWIO (inputs of one group); a filter is a kernel of every channel alone, whatever the block's groups. */
export type ImportedLayer =
  | {
      readonly kind: 'convolution';
      readonly convolution: Convolution;
      readonly dilation?: number;
      readonly filter?: true;
    }
  | { readonly kind: 'norm'; readonly norm: InferenceNorm }
  /** Mean over windows of the block's own size. */
  | { readonly kind: 'average' };

/** Branches that are summed. */
export interface ImportedBlock {
  /** The checkpoint's name, before the branches' own. */
  readonly name: string;
  /** K, that of the largest branch. */
  readonly kernelSize: number;
  /** Input channels of one group, and output channels. */
  readonly inputs: number;
  readonly outputs: number;
  readonly branches: readonly ImportedBranch[];
  /** Behind the sum. */
  readonly closing?: InferenceNorm;
  /** Pixels between the taps of all its kernels. @default 1 */
  readonly dilation?: number;
}
