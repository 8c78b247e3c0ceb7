import type {
  Activation,
  AddNode,
  BlockNode,
  DenseNode,
  FlattenNode,
  FusedConvolution,
  FusedNetwork,
  GlobalPoolNode,
  PoolNode,
  SqueezeExciteNode,
  SubsampleNode,
} from '../../core/contracts/index.js';
import type { NamedWeight } from './named-weight.js';
import { tensorFlowKernel } from './grouped-kernel.js';
import { nonNegative } from './non-negative.js';
import { type DenseNumbers, type GateNumbers, type KernelNumbers, type NodeFormat, writeNodes } from './write-nodes.js';

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
    return this.#layer('Activation', node.name, [sum], { activation: activation(node) });
  }

  squeezeExcite(node: SqueezeExciteNode, input: string, { down, up }: GateNumbers): string {
    const { name, channels, inner } = node;
    if (node.gate !== 'sigmoid')
      throw new Error(`node '${name}': a gate by '${node.gate}' has no Keras layer; expected model: graph`);
    const dense = (part: string, from: string, units: number, function_: string, numbers: DenseNumbers): string => {
      this.#weight(`${name}_${part}/kernel`, [numbers.weight.length / units, units], numbers.weight);
      this.#weight(`${name}_${part}/bias`, [units], numbers.bias);
      return this.#layer('Dense', `${name}_${part}`, [from], { units, activation: function_, use_bias: true });
    };
    const mean = this.#layer('GlobalAveragePooling2D', `${name}_mean`, [input]);
    const gate = dense('up', dense('down', mean, inner, 'relu', down), channels, 'sigmoid', up);
    const map = this.#layer('Reshape', `${name}_map`, [gate], { target_shape: [1, 1, channels] });
    if (node.activation === 'none') return this.#layer('Multiply', name, [input, map]);
    const product = this.#layer('Multiply', `${name}_product`, [input, map]);
    return this.#layer('Activation', name, [product], { activation: activation(node) });
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

/** Keras' names of activations that compute the same; its hard sigmoid and its GELU are others. */
const ACTIVATIONS: Partial<Record<Activation, string>> = {
  none: 'linear',
  relu: 'relu',
  relu6: 'relu6',
  silu: 'swish',
};

function activation({ name, activation }: { readonly name: string; readonly activation: Activation }): string {
  const found = ACTIVATIONS[activation];
  if (found !== undefined) return found;
  throw new Error(`node '${name}': activation '${activation}' has no Keras layer; expected model: graph`);
}
