import { branch, convolution, defineFamily, implied, norm, pair } from './family-parts.js';

// Families of blocks that timm has: its own RepVGG, MobileOne and FastViT, RepViT and RepGhost.

const gamma = { scale: 'layer_scale.gamma' } as const;
const negative = { ...gamma, negative: true } as const;

/** x + γ (mixer(x) − norm(x)). */
export const fastvitMixer = defineFamily({
  name: 'fastvit-mixer',
  summary: "timm's FastViT: the token mixer",
  source: 'https://github.com/huggingface/pytorch-image-models',
  epsilon: 1e-5,
  deployed: 'reparam_conv',
  always: ['mixer.conv_kxk.0', 'norm.identity'],
  branches: [
    branch('mixer.conv_kxk.#', convolution('conv'), norm('bn'), gamma),
    branch('mixer.conv_scale', convolution('conv'), norm('bn'), gamma),
    branch('mixer.identity', norm(''), gamma),
    branch('norm.identity', norm(''), negative),
    implied,
  ],
});

export const fastvitPosition = defineFamily({
  name: 'fastvit-position',
  summary: "timm's FastViT: the position encoding",
  source: 'https://github.com/huggingface/pytorch-image-models',
  epsilon: 1e-5,
  deployed: 'reparam_conv',
  branches: [branch('pos_enc', convolution('')), implied],
});

export const largeKernel = defineFamily({
  name: 'large-kernel',
  summary: "timm's FastViT: the large kernel beside a small one",
  source: 'https://github.com/huggingface/pytorch-image-models',
  epsilon: 1e-5,
  deployed: 'reparam_conv',
  always: ['large_conv', 'small_conv'],
  branches: [pair('large_conv'), pair('small_conv')],
});

export const timm = defineFamily({
  name: 'timm',
  summary: "timm's RepVGG, MobileOne and FastViT",
  source: 'https://github.com/huggingface/pytorch-image-models',
  deployed: 'reparam_conv',
  branches: [
    pair('conv_kxk'),
    pair('conv_kxk.#'),
    pair('conv_1x1'),
    pair('conv_scale'),
    { ...branch('identity', norm('')), common: true },
    branch('reparam_conv', convolution('')),
  ],
});

export const repvit = defineFamily({
  name: 'repvit',
  summary: "RepViT's token mixer, by its own names and timm's",
  source: 'https://github.com/THU-MIG/RepViT',
  epsilon: 1e-5,
  deployed: '',
  always: ['conv', 'conv1'],
  closing: 'bn',
  branches: [branch('conv', convolution('c'), norm('bn')), branch('conv1', convolution('')), implied],
});

/** Its distilled and legacy forms have a batch-norm on each convolution, and none behind the sum. */
export const repvitLegacy = defineFamily({
  name: 'repvit-legacy',
  summary: "RepViT's token mixer as it was first published",
  source: 'https://github.com/THU-MIG/RepViT',
  epsilon: 1e-5,
  deployed: '',
  always: ['conv', 'conv1'],
  branches: [branch('conv', convolution('c'), norm('bn')), branch('conv1', convolution('c'), norm('bn')), implied],
});

/** Modules that the official `fuse` folds beside the token mixer, so that the result loads into the deploy form. */
export const repvitConvolution = defineFamily({
  name: 'repvit-convolution',
  summary: "RepViT's convolutions with their batch-norms",
  source: 'https://github.com/THU-MIG/RepViT',
  epsilon: 1e-5,
  deployed: '',
  branches: [branch('', convolution('c'), norm('bn'))],
});

export const repvitDense = defineFamily({
  name: 'repvit-dense',
  summary: "RepViT's classifier with the batch-norm before it",
  source: 'https://github.com/THU-MIG/RepViT',
  epsilon: 1e-5,
  deployed: '',
  always: ['l'],
  branches: [branch('', norm('bn'), { convolution: 'l', dense: true })],
});

export const repghost = defineFamily({
  name: 'repghost',
  summary: 'RepGhost',
  source: 'https://github.com/ChengpengChen/RepGhost',
  epsilon: 1e-5,
  deployed: 'cheap_operation',
  always: ['cheap_operation', 'fusion_bn.0'],
  branches: [branch('cheap_operation', convolution('0'), norm('1')), branch('fusion_bn.#', norm(''))],
  beside: /^primary_conv\./,
});
