import type { Part } from './part.js';

/**
 * A family of published multi-branch blocks, by the names that its own code has for their tensors: what a checkpoint is recognised
 * by, folded as, and written out again under. Data only; the built-in ones are one table, and a plugin adds its own.
 */
export interface CheckpointFamily<Options = unknown> extends Part<Options> {
  /** Address of the code that the names come from. */
  readonly source?: string;
  /** What the family's own code calls the folded convolution, within the block; empty where it takes the block's place. */
  readonly deployed: string;
  /** Of branches of the same stem, the first whose tensors are all there is meant. */
  readonly branches: readonly FamilyBranch[];
  /** Names of branches that every block has until it is folded. Default: none, blocks differ. */
  readonly always?: readonly string[];
  /** A batch-norm behind the sum of the branches. Default: none. */
  readonly closing?: string | undefined;
  /** K where it is the same for all blocks, since no kernel need tell. Default: the largest kernel's size. */
  readonly kernelSize?: number;
  /** Input channels of a group where no kernel tells. Default: as many as there are outputs. */
  readonly inputs?: number;
  /** What may stand within a block beside its branches and is no part of its convolution, as a pattern of names. Default: a gate or activation. */
  readonly beside?: RegExp;
  /** Which blocks may be meant, as a pattern of their names. Default: any. */
  readonly among?: RegExp;
  /** ε of the batch-norms in the family's own code. Default: PyTorch's, 1e-5. */
  readonly epsilon?: number;
  /** Activation behind the sum in the family's own code. Default: ReLU. */
  readonly activation?: string;
}

/** One branch: what it is called, and its layers one behind the other. `#` stands for a number; of several the first comes first. */
export interface FamilyBranch {
  /** Before the names of the layers. Empty: they stand in the block itself. */
  readonly stem: string;
  readonly layers: readonly FamilyLayer[];
  /** True if other families use the name too: it then counts only beside another branch. @default false */
  readonly common?: boolean;
  /** The branch has no tensors and hands the input on: in every block, or where stride and channels allow. Default: it has tensors. */
  readonly implied?: 'always' | 'where-it-fits';
  /** Height and width that its kernel must have for the branch to be meant. Default: any. */
  readonly kernel?: number;
}

/** A layer of a branch, by the name of what holds its numbers (without `.weight` and the like). */
export type FamilyLayer =
  | {
      readonly convolution: string;
      /** Whether the identity is added to the 1x1 kernel. */
      readonly identity?: boolean;
      /** Which of the numbers in the branch's name is its dilation, from 0 on. */
      readonly dilation?: number;
      /** Whether it is a dense layer, `[outputs, inputs]`, which is a 1x1 convolution of every pixel. */
      readonly dense?: boolean;
      /** The tensor itself, where it has no `.weight` behind its name. */
      readonly bare?: boolean;
    }
  | { readonly norm: string }
  /** The mean of windows of the block's size. */
  | 'average'
  /** A kernel of each channel alone, `[height, width]` or `[channels, height, width]`, which is not trained. */
  | { readonly filter: string }
  /** What is added to every channel, named from the block on. */
  | { readonly shift: string }
  /** What every channel is multiplied by, named from the block on; `row` where the tensor has one for each branch. */
  | { readonly scale: string; readonly row?: number; readonly negative?: boolean };

/** Declares a family of blocks; returns it unchanged. */
export const defineCheckpointFamily = <const Name extends string>(
  family: Omit<CheckpointFamily, 'name'> & { readonly name: Name },
): CheckpointFamily & { readonly name: Name } => family;
