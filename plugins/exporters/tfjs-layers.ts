import type {
  AddNode,
  BlockNode,
  DenseNode,
  FusedNetwork,
  GraphNode,
  PoolNode,
  SubsampleNode,
} from '../../core/contracts/index.js';
import type { NamedWeight } from './named-weight.js';
import { isDepthwise, ungrouped } from './grouped-kernel.js';
import { nonNegative } from './non-negative.js';
import { subsampleKernel } from './subsample-kernel.js';

/** A layer as Keras' functional models list them. */
export interface LayerConfig {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly (readonly (readonly [string, number, number, object])[])[];
}

export interface LayersGraph {
  readonly layers: readonly LayerConfig[];
  readonly weights: readonly NamedWeight[];
  /** Names of the first and the last layer. */
  readonly input: string;
  readonly output: string;
}

/** A fused network in Keras' layers; every layer computes exactly what the node says, up to rounding. */
export function layersOf(network: FusedNetwork): LayersGraph {
  const writer = new LayerWriter(network);
  for (const node of network.graph.nodes) writer.add(node);
  return writer.finish();
}

/** Writes layers one after another. Names of layers that stand beside a node's own hold an underscore, which nodes' names do not. */
class LayerWriter {
  readonly #network: FusedNetwork;
  readonly #nonNegative: ReadonlySet<string>;
  readonly #layers: LayerConfig[] = [];
  readonly #weights: NamedWeight[] = [];
  /** The layer that gives a node's output. */
  readonly #layerOf = new Map<string, string>([['input', 'input']]);
  #last = 'input';

  constructor(network: FusedNetwork) {
    this.#network = network;
    this.#nonNegative = nonNegative(network.graph);
    this.#layer('InputLayer', 'input', [], { batch_input_shape: [null, ...network.graph.input], dtype: 'float32' });
  }

  add(node: GraphNode): void {
    this.#layerOf.set(node.name, this.#compute(node, this.#read(node.input)));
    this.#last = node.name;
  }

  finish(): LayersGraph {
    return { layers: this.#layers, weights: this.#weights, input: 'input', output: this.#read(this.#last) };
  }

  #compute(node: GraphNode, input: string): string {
    switch (node.kind) {
      case 'block':
        return this.#convolution(node, input);
      case 'max-pool':
        if (node.padding > 0 && !this.#nonNegative.has(node.input))
          throw new Error(
            `node '${node.name}': a padded maximum of '${node.input}', which may be negative, has no Keras layer; expected a ReLU before it`,
          );
        return this.#pool('MaxPooling2D', node, input);
      case 'average-pool':
        return this.#pool('AveragePooling2D', node, input);
      case 'global-average-pool':
        return this.#layer('GlobalAveragePooling2D', node.name, [input]);
      case 'flatten':
        return this.#layer('Flatten', node.name, [input]);
      case 'dropout':
        return input;
      case 'dense':
        return this.#dense(node, input);
      case 'add':
        return this.#sum(node, input);
      case 'subsample':
        return this.#subsample(node, input);
    }
  }

  #convolution(node: BlockNode, input: string): string {
    const convolution = this.#network.convolutions.get(node.name);
    if (!convolution) throw new Error(`the fused network has no convolution for node '${node.name}'`);
    const { name, kernelSize, stride, groups } = node;
    const padded = this.#padded(name, input, kernelSize >> 1);
    const window = { kernel_size: [kernelSize, kernelSize], strides: [stride, stride], padding: 'valid' };
    const common = { ...window, activation: activation(node), use_bias: true };
    const depthwise = isDepthwise(convolution, groups);
    if (depthwise) {
      const [height, width, , outputs] = convolution.shape;
      // [H, W, 1, groups · m] and [H, W, groups, m] lie in memory in the same order.
      this.#weight(`${name}/depthwise_kernel`, [height, width, groups, outputs / groups], convolution.kernel);
      this.#weight(`${name}/bias`, [outputs], convolution.bias);
      return this.#layer('DepthwiseConv2D', name, [padded], { ...common, depth_multiplier: outputs / groups });
    }
    const { shape, kernel } = ungrouped(convolution, groups);
    this.#weight(`${name}/kernel`, shape, kernel);
    this.#weight(`${name}/bias`, [shape[3]], convolution.bias);
    return this.#layer('Conv2D', name, [padded], { ...common, filters: shape[3] });
  }

  #pool(kind: string, { name, size, stride, padding }: PoolNode, input: string): string {
    const window = { pool_size: [size, size], strides: [stride, stride], padding: 'valid' };
    return this.#layer(kind, name, [this.#padded(name, input, padding)], window);
  }

  #dense(node: DenseNode, input: string): string {
    const dense = this.#network.dense.get(node.name);
    if (!dense) throw new Error(`the fused network has no weights for node '${node.name}'`);
    this.#weight(`${node.name}/kernel`, [node.inputs, node.outputs], dense.weight);
    this.#weight(`${node.name}/bias`, [node.outputs], dense.bias);
    return this.#layer('Dense', node.name, [input], {
      units: node.outputs,
      activation: activation(node),
      use_bias: true,
    });
  }

  #sum(node: AddNode, input: string): string {
    const inputs = [input, this.#read(node.other)];
    if (node.activation === 'none') return this.#layer('Add', node.name, inputs);
    const sum = this.#layer('Add', `${node.name}_sum`, inputs);
    return this.#layer('Activation', node.name, [sum], { activation: 'relu' });
  }

  #subsample(node: SubsampleNode, input: string): string {
    const { name, stride, outChannels } = node;
    const { shape, kernel } = subsampleKernel(node);
    this.#weight(`${name}/kernel`, shape, kernel);
    const window = { kernel_size: [1, 1], strides: [stride, stride], padding: 'valid' };
    const fixed = { activation: 'linear', use_bias: false, trainable: false };
    return this.#layer('Conv2D', name, [input], { ...window, ...fixed, filters: outChannels });
  }

  /** Explicit and the same on all sides: Keras' own 'same' pads one side only at stride 2. */
  #padded(name: string, input: string, padding: number): string {
    if (padding === 0) return input;
    const sides = [padding, padding];
    return this.#layer('ZeroPadding2D', `${name}_pad`, [input], { padding: [sides, sides] });
  }

  #layer(
    kind: string,
    name: string,
    inputs: readonly string[],
    config: Readonly<Record<string, unknown>> = {},
  ): string {
    this.#layers.push({
      class_name: kind,
      name,
      config: { name, ...(IMAGE_LAYERS.has(kind) && { data_format: 'channels_last' }), ...config },
      inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}] as const)],
    });
    return name;
  }

  #weight(name: string, shape: readonly number[], values: Float32Array): void {
    this.#weights.push({ name, shape, values });
  }

  #read(node: string): string {
    const layer = this.#layerOf.get(node);
    if (layer === undefined) throw new Error(`a node reads '${node}', which no node before it gives`);
    return layer;
  }
}

const IMAGE_LAYERS: ReadonlySet<string> = new Set([
  'Conv2D',
  'DepthwiseConv2D',
  'ZeroPadding2D',
  'MaxPooling2D',
  'AveragePooling2D',
  'GlobalAveragePooling2D',
  'Flatten',
]);

const activation = (node: BlockNode | DenseNode): string => (node.activation === 'relu' ? 'relu' : 'linear');
