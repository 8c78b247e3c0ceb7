import type { GraphNode } from '../contracts/network.js';
import type { BlockShape } from './block-shape.js';

/** A block with its name in the checkpoint. */
export interface NamedShape extends BlockShape {
  readonly name: string;
}

export interface Placed {
  readonly graph: {
    readonly input: readonly [number, number, number];
    readonly classes: number;
    readonly nodes: readonly GraphNode[];
  };
  /** The checkpoint's names of blocks by the graph's. */
  readonly sources: ReadonlyMap<string, string>;
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
    this.#sources.set(node, source);
    return this.add({ kind: 'block', name: node, input, ...fixed, searchable: kernelSize > 1 }, outputs);
  }

  /** Adds any other node, which gives as many channels as it reads unless said otherwise. */
  add(node: GraphNode, channels = this.channels(node.input)): string {
    this.nodes.push(node);
    this.#channels.set(node.name, channels);
    this.last = node.name;
    return node.name;
  }

  /** The checkpoint's blocks that no node stands for. */
  unused(): string[] {
    const used = new Set(this.#sources.values());
    return [...this.#shapes.keys()].filter((name) => !used.has(name));
  }

  finish(input: readonly [height: number, width: number], classes: number): Placed {
    const image = [...input, this.channels('input')] as const;
    const [left] = this.unused();
    if (left !== undefined) throw new Error(`block '${left}' has no place in the network that the others make`);
    return { graph: { input: image, classes, nodes: this.nodes }, sources: this.#sources };
  }
}
