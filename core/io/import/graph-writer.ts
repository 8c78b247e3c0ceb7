import type { GraphNode, PoolNode } from '../../contracts/network.js';
import type { BlockShape } from './block-shape.js';
import type { DenseLayer } from './dense-layer.js';

/** A block by its name in the checkpoint, without what only says of which kind it is. */
export interface NamedShape extends BlockShape {
  readonly name: string;
  /** All of its name in the checkpoint. @default name */
  readonly source?: string;
}

export interface Placed {
  readonly graph: {
    readonly input: readonly [number, number, number];
    readonly classes: number;
    readonly nodes: readonly GraphNode[];
  };
  /** The checkpoint's names of blocks by the graph's. */
  readonly sources: ReadonlyMap<string, string>;
  /** By node. */
  readonly dense: ReadonlyMap<string, DenseLayer>;
}

type Place = {
  /** Its node. Default: as the checkpoint calls it. */
  readonly node?: string;
  readonly input?: string;
  readonly stride?: number;
  readonly activation?: 'relu' | 'none';
};

/** Puts a graph together block by block, and refuses those that do not fit what is there. */
export class GraphWriter {
  readonly nodes: GraphNode[] = [];
  readonly #shapes: ReadonlyMap<string, NamedShape>;
  readonly #sources = new Map<string, string>();
  readonly #dense = new Map<string, DenseLayer>();
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
  block(source: string, { node = source, input = this.last, stride = 1, activation = 'relu' }: Place = {}): string {
    const shape = this.#shapes.get(source);
    if (!shape) throw new Error(`block '${source}' is missing; the network has it between '${input}' and what follows`);
    const { inputs, outputs, kernelSize, identity } = shape;
    const channels = this.channels(input);
    const groups = channels / inputs;
    if (!Number.isInteger(groups) || outputs % groups !== 0)
      throw new Error(
        `block '${source}' reads ${inputs} channels a group and gives ${outputs}; the one before it gives ${channels}`,
      );
    if (identity && channels !== outputs)
      throw new Error(`block '${source}' has an identity branch, but reads ${channels} channels and gives ${outputs}`);
    const fixed = { inChannels: channels, outChannels: outputs, kernelSize, stride, groups, activation };
    this.#sources.set(node, shape.source ?? source);
    return this.add({ kind: 'block', name: node, input, ...fixed, searchable: kernelSize > 1 }, outputs);
  }

  pool(kind: PoolNode['kind'], name: string, size: number, stride: number, padding = 0): string {
    return this.add({ kind, name, input: this.last, size, stride, padding });
  }

  /** The mean of every channel, and one dense layer. @throws Error when it reads another number of features. */
  classify(layer: DenseLayer): void {
    if (layer.features !== this.channels())
      throw new Error(
        `tensor '${layer.name}.weight' reads ${layer.features} features; the last block gives ${this.channels()}`,
      );
    this.add({ kind: 'global-average-pool', name: 'pool', input: this.last });
    this.dense('dense', layer);
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
    if (left) throw new Error(`block '${left.name}' has no place in the network that the others make`);
    const graph = {
      input: [height, width, this.channels('input')] as const,
      classes: this.channels(),
      nodes: this.nodes,
    };
    return { graph, sources: this.#sources, dense: this.#dense };
  }
}
