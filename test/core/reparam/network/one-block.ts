import type {
  BlockNode,
  BranchOp,
  Chosen,
  NetworkGraph,
  NormPlacement,
  WeightSharing,
} from '../../../../core/contracts/index.js';
import { everyBranch } from '../../../../core/reparam/network/gates.js';
import type { BlockForwardName } from '../../../../core/reparam/block-forward/choose.js';
import type { PadStatistics } from '../../../../core/reparam/network/norm.js';
import { Supernet } from '../../../../core/reparam/network/supernet.js';
import { createRandomSource } from '../../../../core/train/random/index.js';
import { branchOps } from '../../../../plugins/branch-ops/index.js';

const random = createRandomSource(11);
const chosen = branchOps.map((definition): Chosen<BranchOp> => ({ definition, options: definition.options.parse({}) }));

/** A block, and the images that it sees. */
export interface Shape {
  readonly size: readonly [height: number, width: number];
  readonly kernelSize: number;
  readonly stride: number;
  readonly groups: number;
  readonly channels: readonly [inputs: number, outputs: number];
  /** Whether the block reads the image itself, which needs no gradient. */
  readonly first?: boolean;
  readonly activation?: 'relu' | 'none';
  /** Default: all that exist. */
  readonly branches?: readonly string[];
}

export const SHAPES: readonly Shape[] = [
  { size: [6, 7], kernelSize: 3, stride: 1, groups: 1, channels: [4, 4] },
  { size: [5, 5], kernelSize: 3, stride: 1, groups: 1, channels: [3, 5], first: true },
  { size: [7, 6], kernelSize: 3, stride: 2, groups: 1, channels: [4, 6] },
  { size: [6, 6], kernelSize: 3, stride: 2, groups: 1, channels: [3, 4], first: true },
  { size: [6, 6], kernelSize: 3, stride: 1, groups: 2, channels: [4, 4] },
  { size: [6, 5], kernelSize: 3, stride: 1, groups: 4, channels: [4, 4] },
  { size: [7, 7], kernelSize: 5, stride: 1, groups: 1, channels: [2, 3] },
  { size: [8, 8], kernelSize: 5, stride: 2, groups: 2, channels: [2, 4] },
  { size: [5, 6], kernelSize: 1, stride: 1, groups: 1, channels: [3, 3] },
  { size: [1, 2], kernelSize: 3, stride: 1, groups: 1, channels: [4, 4] },
  { size: [2, 2], kernelSize: 3, stride: 1, groups: 1, channels: [3, 3], activation: 'none' },
  { size: [5, 6], kernelSize: 3, stride: 1, groups: 1, channels: [3, 3], branches: ['conv-1x1', 'identity'] },
  { size: [5, 6], kernelSize: 3, stride: 1, groups: 1, channels: [4, 3], branches: ['conv-1xk', 'conv-kx1'] },
  { size: [5, 6], kernelSize: 3, stride: 1, groups: 1, channels: [3, 4], branches: ['conv-kxk', 'conv-1xk'] },
  { size: [5, 6], kernelSize: 3, stride: 1, groups: 1, channels: [3, 3], branches: ['conv-1x1-avg', 'conv-1x1'] },
  { size: [5, 6], kernelSize: 3, stride: 1, groups: 1, channels: [3, 3], branches: ['conv-1x1-kxk'] },
];

export const titleOf = ({ size, kernelSize, stride, groups, channels, first, branches }: Shape): string =>
  `${size.join('x')}, K ${kernelSize}, stride ${stride}, groups ${groups}, ${channels.join(' to ')} channels${first ? ', first' : ''}, ${branches?.join(' + ') ?? 'all branches'}`;

/** A plain convolution, the block in question behind it, and a classifier. */
function graphOf({ size, kernelSize, stride, groups, channels, first, activation = 'relu' }: Shape): NetworkGraph {
  const block = (name: string, input: string, own: Partial<BlockNode>): BlockNode => ({
    kind: 'block',
    name,
    input,
    inChannels: 3,
    outChannels: channels[0],
    kernelSize: 3,
    stride: 1,
    groups: 1,
    activation: 'relu',
    searchable: true,
    ...own,
  });
  const [inChannels, outChannels] = channels;
  return {
    input: [...size, 3],
    classes: 3,
    nodes: [
      ...(first ? [] : [block('stem', 'input', { searchable: false })]),
      block('block', first ? 'input' : 'stem', { inChannels, outChannels, kernelSize, stride, groups, activation }),
      { kind: 'global-average-pool', name: 'pool', input: 'block' },
      { kind: 'dense', name: 'dense', input: 'pool', inputs: outChannels, outputs: 3, activation: 'none' },
    ],
  };
}

export interface Setting {
  readonly evaluation: BlockForwardName;
  readonly padStatistics: PadStatistics;
  readonly sharing: WeightSharing;
  /** Default: behind each branch. */
  readonly normPlacement?: NormPlacement;
}

/** The network of such a block, with scales and shifts that are not what they begin as. */
export function oneBlock(shape: Shape, { evaluation, padStatistics, sharing, normPlacement }: Setting): Supernet {
  const graph = graphOf(shape);
  const node = graph.nodes.find(({ name }) => name === 'block') as BlockNode;
  const branches = chosen
    .filter(({ definition, options }) => definition.exists(node, options))
    .map(({ definition }) => definition.name)
    .filter((name) => shape.branches?.includes(name) ?? true);
  const supernet = new Supernet({
    graph,
    spaces: [{ block: 'block', branches, always: [] }],
    branchOps: new Map(chosen.map((op) => [op.definition.name, op])),
    plain: chosen[1] as Chosen<BranchOp>,
    weightSharing: { definition: sharing, options: {} },
    normPlacement,
    padStatistics,
    blockEvaluation: evaluation,
    dropout: 0,
    random,
  });
  supernet.initialise();
  for (const name of supernet.store.names()) {
    if (supernet.store.role(name) !== 'gamma' && supernet.store.role(name) !== 'beta') continue;
    const stream = random.stream(`test:${name}`);
    const values = Float32Array.from({ length: supernet.store.get(name).size }, () => 1 + 0.3 * stream.normal());
    supernet.store.write(name, values);
  }
  return supernet;
}

/** Four images and their classes. */
export function batchOf(shape: Shape, stream = 'pixels') {
  const pixels = random.stream(stream);
  const images = Float32Array.from({ length: 4 * 3 * shape.size[0] * shape.size[1] }, () => pixels.normal());
  const target = Float32Array.from({ length: 12 }, (_, at) => (at % 3 === ((at / 3) | 0) % 3 ? 1 : 0));
  return { images, target, size: 4 };
}

/** Every branch, each with a gate of its own. */
export const gated = (supernet: Supernet) =>
  new Map(
    [...everyBranch(supernet.blocks)].map(
      ([name, list]) => [name, list.map((entry, at) => ({ ...entry, gate: 1 - 0.1 * at }))] as const,
    ),
  );
