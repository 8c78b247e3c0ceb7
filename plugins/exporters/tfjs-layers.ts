import type {
  AddNode,
  BlockNode,
  DenseNode,
  FlattenNode,
  FusedConvolution,
  FusedNetwork,
  GlobalPoolNode,
  PoolNode,
  SubsampleNode,
} from '../../core/contracts/index.js';
import type { NamedWeight } from './named-weight.js';
import { tensorFlowKernel } from './grouped-kernel.js';
import { nonNegative } from './non-negative.js';
import { type DenseNumbers, type KernelNumbers, type NodeFormat, writeNodes } from './write-nodes.js';

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
  const output = writeNodes(network, writer);
  return { layers: writer.layers, weights: writer.weights, input: 'input', output };
}

/** Names of layers that stand beside a node's own hold an underscore, which nodes' names do not. */
class LayerWriter implements NodeFormat {
  readonly layers: LayerConfig[] = [];
  readonly weights: NamedWeight[] = [];
  readonly #nonNegative: ReadonlySet<string>;

  constructor(network: FusedNetwork) {
    this.#nonNegative = nonNegative(network.graph);
    this.#layer('InputLayer', 'input', [], { batch_input_shape: [null, ...network.graph.input], dtype: 'float32' });
  }

  convolution(node: BlockNode, input: string, numbers: FusedConvolution): string {
    const { name, kernelSize, stride, groups } = node;
    const padded = this.#padded(name, input, kernelSize >> 1);
    const window = { kernel_size: [kernelSize, kernelSize], strides: [stride, stride], padding: 'valid' };
    const common = { ...window, activation: activation(node), use_bias: true };
    const { depthwise, shape, kernel } = tensorFlowKernel(numbers, groups);
    this.#weight(`${name}/${depthwise ? 'depthwise_kernel' : 'kernel'}`, shape, kernel);
    this.#weight(`${name}/bias`, [numbers.bias.length], numbers.bias);
    return depthwise
      ? this.#layer('DepthwiseConv2D', name, [padded], { ...common, depth_multiplier: shape[3] })
      : this.#layer('Conv2D', name, [padded], { ...common, filters: shape[3] });
  }

  maxPool(node: PoolNode, input: string): string {
    if (node.padding > 0 && !this.#nonNegative.has(node.input))
      throw new Error(
        `node '${node.name}': a padded maximum of '${node.input}', which may be negative, has no Keras layer; expected a ReLU before it`,
      );
    return this.#pool('MaxPooling2D', node, input);
  }

  averagePool(node: PoolNode, input: string): string {
    return this.#pool('AveragePooling2D', node, input);
  }

  mean({ name }: GlobalPoolNode, input: string): string {
    return this.#layer('GlobalAveragePooling2D', name, [input]);
  }

  flatten({ name }: FlattenNode, input: string): string {
    return this.#layer('Flatten', name, [input]);
  }

  #pool(kind: string, { name, size, stride, padding }: PoolNode, input: string): string {
    const window = { pool_size: [size, size], strides: [stride, stride], padding: 'valid' };
    return this.#layer(kind, name, [this.#padded(name, input, padding)], window);
  }

  dense(node: DenseNode, input: string, { weight, bias }: DenseNumbers): string {
    this.#weight(`${node.name}/kernel`, [node.inputs, node.outputs], weight);
    this.#weight(`${node.name}/bias`, [node.outputs], bias);
    return this.#layer('Dense', node.name, [input], {
      units: node.outputs,
      activation: activation(node),
      use_bias: true,
    });
  }

  sum(node: AddNode, input: string, other: string): string {
    const inputs = [input, other];
    if (node.activation === 'none') return this.#layer('Add', node.name, inputs);
    const sum = this.#layer('Add', `${node.name}_sum`, inputs);
    return this.#layer('Activation', node.name, [sum], { activation: 'relu' });
  }

  subsample({ name, stride, outChannels }: SubsampleNode, input: string, { shape, kernel }: KernelNumbers): string {
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
    this.layers.push({
      class_name: kind,
      name,
      config: { name, ...(IMAGE_LAYERS.has(kind) && { data_format: 'channels_last' }), ...config },
      inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}] as const)],
    });
    return name;
  }

  #weight(name: string, shape: readonly number[], values: Float32Array): void {
    this.weights.push({ name, shape, values });
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
