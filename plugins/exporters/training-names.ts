import type { TrainedBlock } from '../../core/contracts/index.js';

/** What a published block calls the kernels and batch-norms of a branch, by our names for them. */
type BranchNames = Readonly<Record<string, string>>;

interface OfficialBlock {
  /** The branches of its instances: a block is one of theirs when it has just these. */
  readonly instances: readonly (readonly string[])[];
  readonly branches: Readonly<Record<string, BranchNames>>;
}

/** https://github.com/DingXiaoH/RepVGG, `RepVGGBlock`; without identity where the block changes stride or width. */
const repvgg: OfficialBlock = {
  instances: [
    ['conv-1x1', 'conv-kxk', 'identity'],
    ['conv-1x1', 'conv-kxk'],
  ],
  branches: {
    'conv-kxk': { kernel: 'rbr_dense.conv', norm: 'rbr_dense.bn' },
    'conv-1x1': { kernel: 'rbr_1x1.conv', norm: 'rbr_1x1.bn' },
    identity: { norm: 'rbr_identity' },
  },
};

/** https://github.com/huggingface/pytorch-image-models, byobnet's `RepVggBlock` */
const timm: OfficialBlock = {
  instances: repvgg.instances,
  branches: {
    'conv-kxk': { kernel: 'conv_kxk.conv', norm: 'conv_kxk.bn' },
    'conv-1x1': { kernel: 'conv_1x1.conv', norm: 'conv_1x1.bn' },
    identity: { norm: 'identity' },
  },
};

/** https://github.com/DingXiaoH/DiverseBranchBlock, `DiverseBranchBlock`; without the 1x1 where it is depthwise. */
const dbb: OfficialBlock = {
  instances: [
    ['conv-1x1', 'conv-1x1-avg', 'conv-1x1-kxk', 'conv-kxk'],
    ['conv-1x1-avg', 'conv-1x1-kxk', 'conv-kxk'],
  ],
  branches: {
    'conv-kxk': { kernel: 'dbb_origin.conv', norm: 'dbb_origin.bn' },
    'conv-1x1': { kernel: 'dbb_1x1.conv', norm: 'dbb_1x1.bn' },
    'conv-1x1-avg': { pointwise: 'dbb_avg.conv', 'inner-norm': 'dbb_avg.bn.bn', norm: 'dbb_avg.avgbn' },
    'conv-1x1-kxk': {
      pointwise: 'dbb_1x1_kxk.conv1',
      'pointwise+identity': 'dbb_1x1_kxk.idconv1',
      'inner-norm': 'dbb_1x1_kxk.bn1.bn',
      kernel: 'dbb_1x1_kxk.conv2',
      norm: 'dbb_1x1_kxk.bn2',
    },
  },
};

/** https://github.com/DingXiaoH/ACNet, `ACBlock` */
const acnet: OfficialBlock = {
  instances: [['conv-1xk', 'conv-kx1', 'conv-kxk']],
  branches: {
    'conv-kxk': { kernel: 'square_conv', norm: 'square_bn' },
    'conv-kx1': { kernel: 'ver_conv', norm: 'ver_bn' },
    'conv-1xk': { kernel: 'hor_conv', norm: 'hor_bn' },
  },
};

/** DBB's and ACNet's `ConvBN`, which is a convolution as everybody calls it. */
const plain: OfficialBlock = {
  instances: [['conv-kxk']],
  branches: { 'conv-kxk': { kernel: 'conv', norm: 'bn' } },
};

/** Gives the name of a kernel or batch-norm within its block, without `.weight` and the like. */
export type TrainingNames = (op: string, ours: string, identity?: boolean) => string;

/** The names of a published block where the trained one has its branches; our own elsewhere. */
export function trainingNames({ branches, norm }: TrainedBlock, asTimm = false): TrainingNames {
  const ops = branches.map(({ op }) => op).sort();
  const official = norm
    ? undefined
    : [asTimm ? timm : repvgg, dbb, acnet, plain].find(({ instances }) =>
        instances.some((instance) => instance.join() === ops.join()),
      );
  return (op, ours, identity = false) => {
    const names = official?.branches[op];
    return (identity ? names?.[`${ours}+identity`] : names?.[ours]) ?? `${op}.${identity ? 'identity-' : ''}${ours}`;
  };
}
