import type { BlocksCase, GoldenParams, OpCase } from './cases.js';

/** A branch of a case in our terms: the op's name and options, and where its numbers stand. */
export interface NamedSource {
  readonly op: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly kernels: readonly string[];
  readonly norms: readonly string[];
  readonly closing: string;
}

/** The RepNAS code's op names; `stem` is what stands before the op's own parameter names. */
export function repnasSource(op: string, stem: string, params: GoldenParams): NamedSource {
  const at = (name: string) => `${stem}${name}`;
  const single = (name: string): NamedSource => ({
    op: name,
    options: {},
    kernels: [at('conv')],
    norms: [],
    closing: at('bn'),
  });
  switch (op) {
    case 'skip_connect':
      return { ...single('identity'), kernels: [] };
    case 'Conv_1x1':
      return single('conv-1x1');
    case 'Conv_3x3':
      return single('conv-kxk');
    case 'Conv_1x3':
      return single('conv-1xk');
    case 'Conv_3x1':
      return single('conv-kx1');
    case 'AvgPoolBN':
      return {
        op: 'conv-1x1-avg',
        options: { pointwise: true },
        kernels: [at('conv1.conv')],
        norms: [at('conv1.bn.bn')],
        closing: at('bn2'),
      };
    case 'Conv_1x1_3x3': {
      const pointwise = `${at('conv1')}.weight` in params;
      return {
        op: 'conv-1x1-kxk',
        options: { innerWidth: 1, pointwiseAtStride: false },
        kernels: [...(pointwise ? [at('conv1')] : []), at('conv2.conv')],
        norms: pointwise ? [at('bn1.bn')] : [],
        closing: at('conv2.bn'),
      };
    }
    default:
      throw new Error(`the case names an op that RepNAS does not have: ${op}`);
  }
}

export const opSource = ({ op, params }: OpCase): NamedSource => repnasSource(op, '', params);

/** The branches of an official DBB or ACB block, by the parameters it has. */
export function blockSources({ kind, params }: BlocksCase): NamedSource[] {
  const plain = (op: string, conv: string, bn: string): NamedSource => ({
    op,
    options: {},
    kernels: [conv],
    norms: [],
    closing: bn,
  });
  if (kind === 'acb') {
    return [
      plain('conv-kxk', 'square_conv', 'square_bn'),
      plain('conv-kx1', 'ver_conv', 'ver_bn'),
      plain('conv-1xk', 'hor_conv', 'hor_bn'),
    ];
  }
  const has = (name: string) => `${name}.weight` in params;
  const inner = has('dbb_1x1_kxk.idconv1') ? 'dbb_1x1_kxk.idconv1' : 'dbb_1x1_kxk.conv1';
  const widened = !has('dbb_1x1_kxk.idconv1');
  return [
    plain('conv-kxk', 'dbb_origin.conv', 'dbb_origin.bn'),
    ...(has('dbb_1x1.conv') ? [plain('conv-1x1', 'dbb_1x1.conv', 'dbb_1x1.bn')] : []),
    {
      op: 'conv-1x1-avg',
      options: { pointwise: has('dbb_avg.conv') },
      kernels: has('dbb_avg.conv') ? ['dbb_avg.conv'] : [],
      norms: has('dbb_avg.conv') ? ['dbb_avg.bn.bn'] : [],
      closing: 'dbb_avg.avgbn',
    },
    {
      op: 'conv-1x1-kxk',
      options: { innerWidth: widened ? innerWidth(params, inner) : 1 },
      kernels: [inner, 'dbb_1x1_kxk.conv2'],
      norms: ['dbb_1x1_kxk.bn1.bn'],
      closing: 'dbb_1x1_kxk.bn2',
    },
  ];
}

/** Inner channels over input channels. */
function innerWidth(params: GoldenParams, inner: string): number {
  const channels = params[`${inner}.weight`]?.shape[0] ?? 0;
  const second = params['dbb_1x1_kxk.conv2.weight']?.shape ?? [];
  const origin = params['dbb_origin.conv.weight']?.shape ?? [];
  const groups = channels / (second[1] ?? 1);
  return channels / ((origin[1] ?? 1) * groups);
}
