import type { CheckpointFamily, FamilyLayer } from '../../contracts/checkpoint-family.js';
import { branch, convolution, defineFamily, norm, pair } from './family-parts.js';
import {
  fastvitMixer,
  fastvitPosition,
  largeKernel,
  timm,
  repvit,
  repvitLegacy,
  repvitConvolution,
  repvitDense,
  repghost,
} from './timm-families.js';

/**
 * The families of blocks that are recognised without being asked for, as one table: data only. The order decides where two could be
 * meant, so the one that says more comes first. A plugin adds its own (`checkpoint-family`).
 */

const repvgg = defineFamily({
  name: 'repvgg',
  summary: 'RepVGG, and YOLOv6, whose blocks have the same names',
  source: 'https://github.com/DingXiaoH/RepVGG',
  deployed: 'rbr_reparam',
  always: ['rbr_dense', 'rbr_1x1'],
  branches: [
    pair('rbr_dense'),
    pair('rbr_1x1'),
    branch('rbr_identity', norm('')),
    branch('rbr_reparam', convolution('')),
  ],
});

/** YOLOv6's backbones and necks: the ε of its code is another. */
const yolov6 = defineFamily({
  ...repvgg,
  name: 'yolov6',
  summary: "YOLOv6's RepVGG blocks",
  source: 'https://github.com/meituan/YOLOv6',
  among: /(?:^|\.)(?:ERBlock_\d|Rep_[pn]\d)|^stem$/,
  epsilon: 1e-3,
});

const qarepvgg = defineFamily({
  name: 'qarepvgg',
  summary: 'QARepVGG V2: batch-norms on the 3x3 and behind the sum, an identity without any',
  source: 'https://github.com/cxxgtxy/QARepVGG',
  deployed: 'rbr_reparam',
  always: ['rbr_dense', 'rbr_1x1'],
  closing: 'bn',
  branches: [
    pair('rbr_dense'),
    branch('rbr_1x1', convolution('')),
    { stem: '(identity)', layers: [], implied: 'where-it-fits' },
  ],
});

const yolov7 = defineFamily({
  name: 'yolov7',
  summary: "yolov7's RepConv",
  source: 'https://github.com/WongKinYiu/yolov7',
  deployed: 'rbr_reparam',
  always: ['rbr_dense', 'rbr_1x1'],
  branches: [
    branch('rbr_dense', convolution('0'), norm('1')),
    branch('rbr_1x1', convolution('0'), norm('1')),
    branch('rbr_identity', norm('')),
  ],
  epsilon: 1e-3,
  activation: 'silu',
});

const ultralytics = defineFamily({
  name: 'ultralytics',
  summary: 'RepConv of ultralytics and YOLOv9',
  source: 'https://github.com/ultralytics/ultralytics',
  deployed: 'conv',
  always: ['conv1', 'conv2'],
  branches: [
    { ...pair('conv1'), kernel: 3 },
    { ...pair('conv2'), kernel: 1 },
    { ...branch('bn', norm('')), common: true },
  ],
  // Two convolutions one behind the other are called so elsewhere: only the numbered layers of these networks are meant.
  among: /^(?:model\.)?\d+(?:\.|$)/,
  epsilon: 1e-3,
  activation: 'silu',
});

const mobileone = defineFamily({
  name: 'mobileone',
  summary: 'MobileOne',
  source: 'https://github.com/apple/ml-mobileone',
  epsilon: 1e-5,
  deployed: 'reparam_conv',
  branches: [
    pair('rbr_conv.#'),
    pair('rbr_scale'),
    branch('rbr_skip', norm('')),
    branch('reparam_conv', convolution('')),
  ],
});

const openmmlab = defineFamily({
  name: 'openmmlab',
  summary: "mmpretrain's RepVGG",
  source: 'https://github.com/open-mmlab/mmpretrain',
  deployed: 'branch_reparam',
  always: ['branch_3x3', 'branch_1x1'],
  branches: [
    pair('branch_3x3', 'norm'),
    pair('branch_1x1', 'norm'),
    branch('branch_norm', norm('')),
    branch('branch_reparam', convolution('')),
  ],
});

const openmmlabMobileone = defineFamily({
  name: 'openmmlab-mobileone',
  summary: "mmpretrain's MobileOne",
  source: 'https://github.com/open-mmlab/mmpretrain',
  deployed: 'branch_reparam',
  branches: [
    pair('branch_conv_list.#', 'norm'),
    pair('branch_scale', 'norm'),
    { ...branch('branch_norm', norm('')), common: true },
  ],
});

const replknet = defineFamily({
  name: 'replknet',
  summary: 'RepLKNet',
  source: 'https://github.com/DingXiaoH/RepLKNet-pytorch',
  epsilon: 1e-5,
  deployed: 'lkb_reparam',
  always: ['lkb_origin'],
  branches: [pair('lkb_origin'), pair('small_conv'), branch('lkb_reparam', convolution(''))],
});

/** What stands in a block of UniRepLKNet beside its depthwise convolution, and is no part of it. */
const beside = /^(?:se|pwconv1|pwconv2|act|gamma|drop_path)(?:\.|$)/;
const uniRepLKNet = {
  source: 'https://github.com/AILab-CVC/UniRepLKNet',
  closing: 'norm',
  epsilon: 1e-5,
  beside,
} as const;

const unireplknet = defineFamily({
  ...uniRepLKNet,
  name: 'unireplknet',
  summary: 'UniRepLKNet: the dilated branches of its large kernels, with the batch-norm behind',
  deployed: 'dwconv.lk_origin',
  always: ['dwconv.lk_origin'],
  branches: [
    branch('', convolution('dwconv.lk_origin'), norm('dwconv.origin_bn')),
    branch('', { convolution: 'dwconv.dil_conv_k#_#', dilation: 1 }, norm('dwconv.dil_bn_k#_#')),
  ],
});

const unireplknetSmall = defineFamily({
  ...uniRepLKNet,
  name: 'unireplknet-small',
  summary: 'UniRepLKNet: a small kernel with the batch-norm behind',
  deployed: 'dwconv',
  always: ['dwconv'],
  branches: [branch('', convolution('dwconv'))],
  among: /(?:^|\.)stages\.\d+\.\d+$/,
});

/** The shift of its response normalisation, a dense layer, a batch-norm and a scale. */
const unireplknetFeedForward = defineFamily({
  ...uniRepLKNet,
  closing: undefined,
  name: 'unireplknet-feed-forward',
  summary: 'UniRepLKNet: the dense layer that ends a block',
  deployed: 'pwconv2.0',
  always: ['pwconv2.0'],
  branches: [
    branch('', { shift: 'act.1.beta' }, { convolution: 'pwconv2.0', dense: true }, norm('pwconv2.2'), {
      scale: 'gamma',
    }),
  ],
  beside: /^(?:se|pwconv1|dwconv|norm|act|drop_path)(?:\.|$)/,
});

/** The block of UniRepLKNet on its own, as other networks use it. */
const dilatedReparam = defineFamily({
  name: 'dilated-reparam',
  summary: "UniRepLKNet's dilated block in other networks",
  source: 'https://github.com/AILab-CVC/UniRepLKNet',
  epsilon: 1e-5,
  deployed: 'lk_origin',
  always: ['lk_origin'],
  branches: [
    branch('', convolution('lk_origin'), norm('origin_bn')),
    branch('', { convolution: 'dil_conv_k#_#', dilation: 1 }, norm('dil_bn_k#_#')),
  ],
});

const dbb = defineFamily({
  name: 'dbb',
  summary: 'DBB',
  source: 'https://github.com/DingXiaoH/DiverseBranchBlock',
  deployed: 'dbb_reparam',
  always: ['dbb_origin', 'dbb_avg', 'dbb_1x1_kxk'],
  branches: [
    pair('dbb_origin'),
    pair('dbb_1x1'),
    branch('dbb_avg', convolution('conv'), norm('bn.bn'), 'average', norm('avgbn')),
    branch('dbb_avg', 'average', norm('avgbn')),
    branch(
      'dbb_1x1_kxk',
      { convolution: 'idconv1', identity: true },
      norm('bn1.bn'),
      convolution('conv2'),
      norm('bn2'),
    ),
    branch('dbb_1x1_kxk', convolution('conv1'), norm('bn1.bn'), convolution('conv2'), norm('bn2')),
    branch('dbb_reparam', convolution('')),
  ],
});

const acnet = defineFamily({
  name: 'acnet',
  summary: 'ACNet',
  source: 'https://github.com/DingXiaoH/ACNet',
  deployed: 'fused_conv',
  always: ['square_conv', 'ver_conv', 'hor_conv'],
  branches: [
    branch('', convolution('square_conv'), norm('square_bn')),
    branch('', convolution('ver_conv'), norm('ver_bn')),
    branch('', convolution('hor_conv'), norm('hor_bn')),
    branch('', convolution('fused_conv')),
  ],
});

const row = (index: number): FamilyLayer => ({ scale: 'vector', row: index });
const weight = (name: string): FamilyLayer => ({ convolution: `weight_orepa_${name}`, bare: true });

const orepa = defineFamily({
  name: 'orepa',
  summary: 'OREPA',
  source: 'https://github.com/JUGGHM/OREPA_CVPR2022',
  epsilon: 1e-5,
  deployed: 'orepa_reparam',
  always: ['weight_orepa_origin'],
  closing: 'bn',
  branches: [
    branch('', weight('origin'), row(0)),
    branch('', weight('avg_conv'), { filter: 'weight_orepa_avg_avg' }, row(1)),
    branch('', weight('pfir_conv'), { filter: 'weight_orepa_prior' }, row(2)),
    branch(
      '',
      { convolution: 'weight_orepa_1x1_kxk_idconv1', bare: true, identity: true },
      weight('1x1_kxk_conv2'),
      row(3),
    ),
    branch('', weight('1x1_kxk_conv1'), weight('1x1_kxk_conv2'), row(3)),
    branch('', weight('1x1'), row(4)),
    branch('', weight('gconv_dw'), weight('gconv_pw'), row(5)),
  ],
  beside: /^(?:id_tensor|nonlinear\.|se\.)/,
});

const repnas = defineFamily({
  name: 'repnas',
  summary: 'RepNAS',
  source: 'https://github.com/bestfleer/RepNAS',
  deployed: 'conv',
  kernelSize: 3,
  branches: [
    branch(
      '_ops.#',
      { convolution: 'conv1', identity: true },
      norm('bn1.bn'),
      convolution('conv2.conv'),
      norm('conv2.bn'),
    ),
    branch('_ops.#', convolution('conv2.conv'), norm('conv2.bn')),
    branch('_ops.#', convolution('conv1.conv'), norm('conv1.bn.bn'), 'average', norm('bn2')),
    pair('_ops.#'),
    branch('skip_connect', norm('bn')),
  ],
});

/** The branches of our own ops, as our training form calls them. Only files that describe their network have them. */
export const ours = defineFamily({
  name: 'ours',
  summary: 'the training form that this package writes',
  deployed: '',
  branches: [
    ...['conv-kxk', 'conv-1x1', 'conv-1xk', 'conv-kx1'].map((op) => branch(op, convolution('kernel'), norm('norm'))),
    branch('conv-1x1-avg', convolution('pointwise'), norm('inner-norm'), 'average', norm('norm')),
    branch('conv-1x1-avg', 'average', norm('norm')),
    branch(
      'conv-1x1-kxk',
      { convolution: 'identity-pointwise', identity: true },
      norm('inner-norm'),
      convolution('kernel'),
      norm('norm'),
    ),
    branch('conv-1x1-kxk', convolution('pointwise'), norm('inner-norm'), convolution('kernel'), norm('norm')),
    branch('conv-1x1-kxk', convolution('kernel'), norm('norm')),
    branch('identity', norm('norm')),
  ],
});

/** Those that are recognised by their names alone. */
export const FAMILIES: readonly CheckpointFamily[] = [
  qarepvgg,
  yolov7,
  yolov6,
  repvgg,
  mobileone,
  openmmlab,
  openmmlabMobileone,
  fastvitMixer,
  fastvitPosition,
  largeKernel,
  timm,
  repvit,
  repvitLegacy,
  repvitConvolution,
  repvitDense,
  repghost,
  replknet,
  unireplknet,
  unireplknetSmall,
  unireplknetFeedForward,
  dilatedReparam,
  dbb,
  acnet,
  orepa,
  repnas,
  ultralytics,
];
