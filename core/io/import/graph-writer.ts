import type { Activation, GraphNode, PoolNode } from '../../contracts/network.js';
import type { BlockShape } from './block-shape.js';
import type { DenseLayer } from './dense-layer.js';
import { type Gate, tensorsOfLayer } from './gates.js';
import type { KnownOfBlock } from './settings.js';
import { CheckpointError } from './checkpoint-error.js';

/** A block by its name in the checkpoint, without what only says of which kind it is. */
export interface NamedShape extends BlockShape {
  readonly name: string;
  /** All of its name in the checkpoint. @default name */
  readonly source?: string;
  /** What a module or an option says of it. @default nothing */
  readonly known?: KnownOfBlock;
  /** Activation in the family's own code. @default ReLU */
  readonly usual?: Activation;
  /** Squeeze and excitation between the sum and the activation. */
  readonly gate?: Gate;
}

/** What was taken for granted of a block, for want of anything that says it. */
export interface AssumedOfBlock {
  readonly source: string;
  /** Absent where something says it. */
  readonly stride?: number;
  readonly activation?: Activation;
}

export interface Placed {
  readonly graph: {
    readonly input: readonly [number, number, number];
    readonly classes: number;
    readonly nodes: readonly GraphNode[];
  };
  /** The checkpoint's names of blocks by the graph's. */
  readonly sources: ReadonlyMap<string, string>;
  /** By the name that its numbers have: that of a node, or of one of a gate's two layers. */
  readonly dense: ReadonlyMap<string, DenseLayer>;
  /** Pixels between the taps of a block's kernels, by node, where there are any. */
  readonly dilations: ReadonlyMap<string, number>;
  readonly assumed: readonly AssumedOfBlock[];
}

type Place = {
  /** Its node. Default: as the checkpoint calls it. */
  readonly node?: string;
  readonly input?: string;
  readonly stride?: number;
  /** Whether an option said the stride. Default: false. */
  readonly told?: boolean;
  readonly dilation?: number | undefined;
  readonly activation?: Activation;
};

/** Puts a graph together block by block, and refuses those that do not fit what is there. */
export class GraphWriter {
  readonly nodes: GraphNode[] = [];
  readonly #shapes: ReadonlyMap<string, NamedShape>;
  readonly #sources = new Map<string, string>();
  readonly #dense = new Map<string, DenseLayer>();
  readonly #dilations = new Map<string, number>();
  readonly #assumed: AssumedOfBlock[] = [];
  readonly #channels = new Map<string, number>();
  last = 'input';

  constructor(blocks: readonly NamedShape[], channels: number) {
    this.#shapes = new Map(blocks.map((block) => [block.name, block]));
    this.#channels.set('input', channels);
  }

  has(name: string): boolean {
    return this.#shapes.has(name);
  }

  /** Channels of what a node gives. */
  channels(node = this.last): number {
    return this.#channels.get(node) ?? 0;
  }

  /** Adds a block. @throws Error when it is missing, or reads another number of channels than its input has. */
  block(
    name: string,
    { node = name, input = this.last, stride: usual = 1, told = false, dilation: given, activation }: Place = {},
  ): string {
    const shape = this.#shapes.get(name);
    if (!shape)
      throw new CheckpointError(`block '${name}' is missing; the network has it between '${input}' and what follows`);
    const { inputs, outputs, kernelSize, identity, source = name, known = {}, gate } = shape;
    const channels = this.channels(input);
    const groups = channels / inputs;
    if (!Number.isInteger(groups) || outputs % groups !== 0)
      throw new CheckpointError(
        `block '${name}' reads ${inputs} channels a group and gives ${outputs}; the one before it gives ${channels}`,
      );
    if (identity && channels !== outputs)
      throw new CheckpointError(
        `block '${name}' has an identity branch, but reads ${channels} channels and gives ${outputs}`,
      );
    const stride = known.stride ?? usual;
    if (identity && stride !== 1)
      throw new CheckpointError(
        `block '${name}' has an identity branch, which no stride of ${stride} has; expected stride 1`,
      );
    // Where the network's own code has no activation (before a sum, say), none that is told is meant.
    const after = activation ?? known.activation ?? shape.usual ?? 'relu';
    this.#assumed.push({
      source,
      ...(known.stride === undefined && !told && !identity && { stride }),
      ...(known.activation === undefined && { activation: after }),
    });
    const dilation = known.dilation ?? given ?? 1;
    if (dilation !== 1) this.#dilations.set(node, dilation);
    const taps = (kernelSize - 1) * dilation + 1;
    const fixed = { inChannels: channels, outChannels: outputs, kernelSize: taps, stride, groups };
    this.#sources.set(node, source);
    const own = gate ? 'none' : after;
    this.add({ kind: 'block', name: node, input, ...fixed, activation: own, searchable: kernelSize > 1 }, outputs);
    return gate ? this.#gate(`${node}.gate`, gate, after) : node;
  }

  #gate(name: string, { down, up }: Gate, activation: Activation): string {
    this.#dense.set(`${name}.down`, down);
    this.#dense.set(`${name}.up`, up);
    const fixed = { channels: up.outputs, inner: down.outputs, gate: 'sigmoid' } as const;
    return this.add({ kind: 'squeeze-excite', name, input: this.last, ...fixed, activation });
  }

  pool(kind: PoolNode['kind'], name: string, size: number, stride: number, padding = 0): string {
    return this.add({ kind, name, input: this.last, size, stride, padding });
  }

  /** The mean of every channel, and one dense layer where there is one. @throws Error when it reads another number of features. */
  classify(layer: DenseLayer | undefined): void {
    if (layer && layer.features !== this.channels())
      throw new CheckpointError(
        `tensor '${layer.name}.weight' reads ${layer.features} features; the last block gives ${this.channels()}`,
      );
    this.add({ kind: 'global-average-pool', name: 'pool', input: this.last });
    if (layer) this.dense('dense', layer);
  }

  dense(node: string, layer: DenseLayer, activation: 'relu' | 'none' = 'none'): void {
    const { features, outputs } = layer;
    this.#dense.set(node, layer);
    this.add({ kind: 'dense', name: node, input: this.last, inputs: features, outputs, activation }, outputs);
  }

  /** Adds any other node, which gives as many channels as it reads unless said otherwise. */
  add(node: GraphNode, channels = this.channels(node.input)): string {
    this.nodes.push(node);
    this.#channels.set(node.name, channels);
    this.last = node.name;
    return node.name;
  }

  /** @throws Error when a block of the checkpoint has found no place */
  finish([height, width]: readonly [height: number, width: number]): Placed {
    const used = new Set(this.#sources.values());
    const left = [...this.#shapes.values()].find(({ name, source = name }) => !used.has(source));
    if (left) throw new CheckpointError(`block '${left.name}' has no place in the network that the others make`);
    const graph = {
      input: [height, width, this.channels('input')] as const,
      classes: this.channels(),
      nodes: this.nodes,
    };
    const [sources, dense, dilations, assumed] = [this.#sources, this.#dense, this.#dilations, this.#assumed];
    return { graph, sources, dense, dilations, assumed };
  }
}

/** Names of the tensors that a placed network reads beside its blocks. */
export const placedTensors = ({ dense }: Placed): ReadonlySet<string> =>
  new Set([...dense.values()].flatMap(tensorsOfLayer));
