/** A layer of a branch, by the name of what holds its numbers (without `.weight` and the like). */
export type LayerNames =
  | {
      readonly convolution: string /** Whether the identity is to be added to the 1x1 kernel. */;
      readonly identity?: boolean;
    }
  | { readonly norm: string }
  | 'average';

/** What one branch is called, and what it is made of. */
export interface BranchNames {
  /** Before the names of the layers; `#` stands for a number, and then there is a branch for each. */
  readonly stem: string;
  readonly layers: readonly LayerNames[];
  /** Whether others use the name too, so that it says something only beside another branch. @default false */
  readonly common?: boolean;
}

/** How one family of networks names the branches of its blocks. */
export interface Scheme {
  readonly name: string;
  /** What the family calls the folded convolution of a block. */
  readonly deployed: string;
  /** Of branches of the same stem, the first whose tensors are all there is meant. */
  readonly branches: readonly BranchNames[];
  /** Branches that every block has until it is folded. @default none: blocks differ */
  readonly always?: readonly string[];
  /** K where it is the same for all blocks, since no kernel need tell. @default the largest kernel's size */
  readonly kernelSize?: number;
  /** Input channels of a group where no kernel tells. @default as many as there are outputs */
  readonly inputs?: number;
}

const convolution = (name: string): LayerNames => ({ convolution: name });
const identityConvolution = (name: string): LayerNames => ({ convolution: name, identity: true });
const norm = (name: string): LayerNames => ({ norm: name });
const branch = (stem: string, ...layers: readonly LayerNames[]): BranchNames => ({ stem, layers });

/** https://github.com/DingXiaoH/RepVGG */
const repvgg: Scheme = {
  name: 'RepVGG',
  deployed: 'rbr_reparam',
  always: ['rbr_dense', 'rbr_1x1'],
  branches: [
    branch('rbr_dense', convolution('conv'), norm('bn')),
    branch('rbr_1x1', convolution('conv'), norm('bn')),
    branch('rbr_identity', norm('')),
    branch('rbr_reparam', convolution('')),
  ],
};

/** https://github.com/apple/ml-mobileone */
const mobileone: Scheme = {
  name: 'MobileOne',
  deployed: 'reparam_conv',
  branches: [
    branch('rbr_conv.#', convolution('conv'), norm('bn')),
    branch('rbr_scale', convolution('conv'), norm('bn')),
    branch('rbr_skip', norm('')),
    branch('reparam_conv', convolution('')),
  ],
};

/** https://github.com/huggingface/pytorch-image-models, byobnet: RepVGG and MobileOne */
const timm: Scheme = {
  name: 'timm',
  deployed: 'reparam_conv',
  branches: [
    branch('conv_kxk', convolution('conv'), norm('bn')),
    branch('conv_kxk.#', convolution('conv'), norm('bn')),
    branch('conv_1x1', convolution('conv'), norm('bn')),
    branch('conv_scale', convolution('conv'), norm('bn')),
    { ...branch('identity', norm('')), common: true },
    branch('reparam_conv', convolution('')),
  ],
};

/** https://github.com/DingXiaoH/DiverseBranchBlock */
const dbb: Scheme = {
  name: 'DBB',
  deployed: 'dbb_reparam',
  always: ['dbb_origin', 'dbb_avg', 'dbb_1x1_kxk'],
  branches: [
    branch('dbb_origin', convolution('conv'), norm('bn')),
    branch('dbb_1x1', convolution('conv'), norm('bn')),
    branch('dbb_avg', convolution('conv'), norm('bn.bn'), 'average', norm('avgbn')),
    branch('dbb_avg', 'average', norm('avgbn')),
    branch('dbb_1x1_kxk', identityConvolution('idconv1'), norm('bn1.bn'), convolution('conv2'), norm('bn2')),
    branch('dbb_1x1_kxk', convolution('conv1'), norm('bn1.bn'), convolution('conv2'), norm('bn2')),
    branch('dbb_reparam', convolution('')),
  ],
};

/** https://github.com/DingXiaoH/ACNet */
const acb: Scheme = {
  name: 'ACNet',
  deployed: 'fused_conv',
  always: ['square_conv', 'ver_conv', 'hor_conv'],
  branches: [
    branch('', convolution('square_conv'), norm('square_bn')),
    branch('', convolution('ver_conv'), norm('ver_bn')),
    branch('', convolution('hor_conv'), norm('hor_bn')),
    branch('', convolution('fused_conv')),
  ],
};

/** https://github.com/bestfleer/RepNAS */
const repnas: Scheme = {
  name: 'RepNAS',
  deployed: 'conv',
  kernelSize: 3,
  branches: [
    branch('_ops.#', identityConvolution('conv1'), norm('bn1.bn'), convolution('conv2.conv'), norm('conv2.bn')),
    branch('_ops.#', convolution('conv2.conv'), norm('conv2.bn')),
    branch('_ops.#', convolution('conv1.conv'), norm('conv1.bn.bn'), 'average', norm('bn2')),
    branch('_ops.#', convolution('conv'), norm('bn')),
    branch('skip_connect', norm('bn')),
  ],
};

/** The branches of our own ops, as our training form calls them. Only files that describe their network have them. */
export const ours: Scheme = {
  name: 'repnas',
  deployed: '',
  branches: [
    ...['conv-kxk', 'conv-1x1', 'conv-1xk', 'conv-kx1'].map((op) => branch(op, convolution('kernel'), norm('norm'))),
    branch('conv-1x1-avg', convolution('pointwise'), norm('inner-norm'), 'average', norm('norm')),
    branch('conv-1x1-avg', 'average', norm('norm')),
    branch(
      'conv-1x1-kxk',
      identityConvolution('identity-pointwise'),
      norm('inner-norm'),
      convolution('kernel'),
      norm('norm'),
    ),
    branch('conv-1x1-kxk', convolution('pointwise'), norm('inner-norm'), convolution('kernel'), norm('norm')),
    branch('conv-1x1-kxk', convolution('kernel'), norm('norm')),
    branch('identity', norm('norm')),
  ],
};

export const SCHEMES: readonly Scheme[] = [repvgg, mobileone, timm, dbb, acb, repnas];
