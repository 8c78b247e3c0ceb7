import type {
  Activation,
  AddNode,
  BlockNode,
  DenseNode,
  FlattenNode,
  FusedNetwork,
  GlobalPoolNode,
  NetworkGraph,
  PoolNode,
  SqueezeExciteNode,
  SubsampleNode,
} from '../../core/contracts/index.js';
import { type ChannelsFirst, channelsFirst, type LaidOut, outputsFirstKernel } from './channels-first.js';
import {
  FLOAT,
  FLOAT_ATTRIBUTE,
  INT,
  INTS,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxNumbers,
  type OnnxTensor,
  type OnnxValue,
} from './onnx-schema.js';
import { type KernelNumbers, type NodeFormat, writeNodes } from './write-nodes.js';

/** What a graph is put together from. Each gives the name it was given. */
export interface GraphParts {
  node(
    kind: string,
    name: string,
    input: readonly string[],
    output: string,
    attribute?: readonly OnnxAttribute[],
  ): string;
  tensor(name: string, dims: readonly number[], values: () => OnnxNumbers, type?: OnnxTensor['data_type']): string;
}

/** How exactly numbers are kept. */
export interface Precision {
  /** The value to read in place of what a node gives. */
  value(parts: GraphParts, node: string, value: string): string;
  /** The values that hold a layer's weight and bias, for the input it reads. */
  weights(parts: GraphParts, name: string, numbers: LaidOut, input: string): readonly [weight: string, bias: string];
}

export const float32: Precision = {
  value: (_, __, value) => value,
  weights: (parts, name, { shape, weight, bias }) => [
    parts.tensor(`${name}.weight`, shape, weight),
    parts.tensor(`${name}.bias`, [bias.length], () => bias),
  ],
};

/** A fused network as an ONNX graph: images `[N, C, H, W]` in, logits `[N, classes]` out, N free, and H and W too where no map is flattened. A value is called like the node that gives it. */
export function onnxGraph(network: FusedNetwork, precision: Precision = float32): OnnxGraph {
  const writer = new NodeWriter(network, precision);
  return writer.graph(writeNodes(network, writer));
}

/** Values beside a node's own hold an underscore, which nodes' names do not. */
class NodeWriter implements GraphParts, NodeFormat {
  readonly #graph: NetworkGraph;
  readonly #numbers: ChannelsFirst;
  readonly #precision: Precision;
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors: OnnxTensor[] = [];

  constructor(network: FusedNetwork, precision: Precision) {
    this.#graph = network.graph;
    this.#numbers = channelsFirst(network);
    this.#precision = precision;
  }

  graph(output: string): OnnxGraph {
    const {
      input: [height, width, channels],
      classes,
    } = this.#graph;
    return {
      name: 'repnas',
      node: this.#nodes,
      initializer: this.#tensors,
      input: [value('input', anySize(this.#graph) ? [channels, 'height', 'width'] : [channels, height, width])],
      output: [value(output, [classes])],
    };
  }

  read(node: string, output: string): string {
    return this.#precision.value(this, node, output);
  }

  convolution(node: BlockNode, input: string): string {
    return this.#activated(node, (output) => this.#convolution(node, input, output));
  }

  maxPool(node: PoolNode, input: string): string {
    return this.node('MaxPool', node.name, [input], node.name, window(node));
  }

  averagePool(node: PoolNode, input: string): string {
    const attributes = [...window(node), int('count_include_pad', 1)];
    return this.node('AveragePool', node.name, [input], node.name, attributes);
  }

  mean({ name }: GlobalPoolNode, input: string): string {
    this.node('GlobalAveragePool', name, [input], `${name}_mean`);
    return this.node('Flatten', `${name}_flatten`, [`${name}_mean`], name, [int('axis', 1)]);
  }

  flatten({ name }: FlattenNode, input: string): string {
    return this.node('Flatten', name, [input], name, [int('axis', 1)]);
  }

  dense(node: DenseNode, input: string): string {
    return this.#activated(node, (output) => this.#dense(node, input, output));
  }

  sum(node: AddNode, input: string, other: string): string {
    return this.#activated(node, (output) => this.node('Add', node.name, [input, other], output));
  }

  subsample({ name, stride }: SubsampleNode, input: string, numbers: KernelNumbers): string {
    const { shape, weight } = outputsFirstKernel(numbers);
    const kernel = this.tensor(`${name}.weight`, shape, weight);
    return this.node('Conv', name, [input, kernel], name, window({ size: 1, stride, padding: 0 }));
  }

  /** Mean, two 1x1 convolutions and a sigmoid, by which the map is multiplied. */
  squeezeExcite(node: SqueezeExciteNode, input: string): string {
    const { name } = node;
    this.node('GlobalAveragePool', `${name}_pool`, [input], `${name}_mean`);
    this.#pointwise(`${name}.down`, `${name}_mean`, `${name}_down`);
    this.node('Relu', `${name}_inner_relu`, [`${name}_down`], `${name}_inner`);
    this.#pointwise(`${name}.up`, `${name}_inner`, `${name}_up`);
    if (node.gate === 'sigmoid') this.node('Sigmoid', `${name}_sigmoid`, [`${name}_up`], `${name}_gate`);
    else
      this.node('HardSigmoid', `${name}_sigmoid`, [`${name}_up`], `${name}_gate`, [
        float('alpha', 1 / 6),
        float('beta', 0.5),
      ]);
    return this.#activated(node, (output) => this.node('Mul', name, [input, `${name}_gate`], output));
  }

  #pointwise(name: string, input: string, output: string): void {
    const numbers = this.#numbers.dense.get(name);
    if (!numbers) throw new Error(`the fused network has no weights for node '${name}'`);
    const weight = this.tensor(`${name}.weight`, [...numbers.shape, 1, 1], numbers.weight);
    const bias = this.tensor(`${name}.bias`, [numbers.bias.length], () => numbers.bias);
    this.node('Conv', name, [input, weight, bias], output, window({ size: 1, stride: 1, padding: 0 }));
  }

  #activated(
    { name, activation }: { readonly name: string; readonly activation: Activation },
    compute: (output: string) => void,
  ): string {
    if (activation === 'none') compute(name);
    else {
      const linear = `${name}_linear`;
      compute(linear);
      this.#activation(name, activation, linear);
    }
    return name;
  }

  #activation(name: string, activation: Exclude<Activation, 'none'>, x: string): void {
    const constant = (part: string, value: number): string =>
      this.tensor(`${name}_${part}`, [], () => Float32Array.of(value));
    switch (activation) {
      case 'relu':
        this.node('Relu', `${name}_relu`, [x], name);
        return;
      case 'relu6':
        this.node('Clip', `${name}_clip`, [x, constant('zero', 0), constant('six', 6)], name);
        return;
      case 'silu':
        this.node('Sigmoid', `${name}_sigmoid`, [x], `${name}_sigmoid_value`);
        this.node('Mul', `${name}_silu`, [x, `${name}_sigmoid_value`], name);
        return;
      case 'hard-swish':
        this.node('HardSwish', `${name}_hard_swish`, [x], name);
        return;
      case 'gelu':
        this.node('Mul', `${name}_scaled`, [x, constant('root', Math.SQRT1_2)], `${name}_scaled_value`);
        this.node('Erf', `${name}_erf`, [`${name}_scaled_value`], `${name}_erf_value`);
        this.node('Add', `${name}_shifted`, [`${name}_erf_value`, constant('one', 1)], `${name}_shifted_value`);
        this.node('Mul', `${name}_halved`, [x, constant('half', 0.5)], `${name}_halved_value`);
        this.node('Mul', `${name}_gelu`, [`${name}_halved_value`, `${name}_shifted_value`], name);
        return;
    }
  }

  #convolution({ name, kernelSize: size, stride, groups }: BlockNode, input: string, output: string): void {
    const numbers = this.#numbers.convolutions.get(name);
    if (!numbers) throw new Error(`the fused network has no convolution for node '${name}'`);
    const [kernel, bias] = this.#precision.weights(this, name, numbers, input);
    const attributes = [...window({ size, stride, padding: size >> 1 }), int('group', groups)];
    this.node('Conv', name, [input, kernel, bias], output, attributes);
  }

  #dense({ name }: DenseNode, input: string, output: string): void {
    const numbers = this.#numbers.dense.get(name);
    if (!numbers) throw new Error(`the fused network has no weights for node '${name}'`);
    const [weight, bias] = this.#precision.weights(this, name, numbers, input);
    this.node('Gemm', name, [input, weight, bias], output, [int('transB', 1)]);
  }

  node(
    kind: string,
    name: string,
    input: readonly string[],
    output: string,
    attribute: readonly OnnxAttribute[] = [],
  ): string {
    this.#nodes.push({ name, op_type: kind, input, output: [output], attribute });
    return output;
  }

  tensor(
    name: string,
    dims: readonly number[],
    values: () => OnnxNumbers,
    data_type: OnnxTensor['data_type'] = FLOAT,
  ): string {
    this.#tensors.push({ name, data_type, dims, values });
    return name;
  }
}

const int = (name: string, i: number): OnnxAttribute => ({ name, type: INT, i });
const float = (name: string, f: number): OnnxAttribute => ({ name, type: FLOAT_ATTRIBUTE, f });
const ints = (name: string, values: readonly number[]): OnnxAttribute => ({ name, type: INTS, ints: values });

const window = ({ size, stride, padding }: Pick<PoolNode, 'size' | 'stride' | 'padding'>): OnnxAttribute[] => [
  ints('kernel_shape', [size, size]),
  ints('strides', [stride, stride]),
  ints('pads', [padding, padding, padding, padding]),
];

/** Whether a network reads images of any size: a flattened map has one size only. */
export const anySize = ({ nodes }: NetworkGraph): boolean => nodes.every(({ kind }) => kind !== 'flatten');

/** @param shape without the batch, which is free; names are of sizes that are free too */
const value = (name: string, shape: readonly (number | string)[]): OnnxValue => ({
  name,
  type: {
    tensor_type: {
      elem_type: FLOAT,
      shape: {
        dim: [
          { dim_param: 'N' },
          ...shape.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size })),
        ],
      },
    },
  },
});
