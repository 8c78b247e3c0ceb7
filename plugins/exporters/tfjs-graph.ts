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
import { shapes } from '../../core/reparam/network/shapes.js';
import { tensorFlowKernel } from './grouped-kernel.js';
import type { NamedWeight } from './named-weight.js';
import { type DenseNumbers, type GateNumbers, type KernelNumbers, type NodeFormat, writeNodes } from './write-nodes.js';

/** A node of TensorFlow's GraphDef, as JSON has it. */
export interface GraphDefNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Readonly<Record<string, unknown>>;
}

export interface TensorFlowGraph {
  readonly nodes: readonly GraphDefNode[];
  readonly weights: readonly NamedWeight[];
  readonly input: string;
  readonly output: string;
}

/** A fused network in TensorFlow's operations, bias and ReLU inside of convolutions as TensorFlow's own optimiser leaves them. */
export function graphOf(network: FusedNetwork): TensorFlowGraph {
  const writer = new GraphWriter(network);
  const output = writeNodes(network, writer);
  return { nodes: writer.nodes, weights: writer.weights, input: 'input', output };
}

/** The lowest number that float32 holds: what a maximum leaves out. */
const LOWEST = -3.4028234663852886e38;

/** Names beside a node's own hold a slash, which nodes' names do not. */
class GraphWriter implements NodeFormat {
  readonly nodes: GraphDefNode[] = [];
  readonly weights: NamedWeight[] = [];
  readonly #shapes: ReadonlyMap<string, readonly number[]>;

  constructor(network: FusedNetwork) {
    this.#shapes = shapes(network.graph);
    const dim = [-1, ...network.graph.input].map((size) => ({ size: String(size) }));
    this.nodes.push({ name: 'input', op: 'Placeholder', attr: { dtype: FLOAT, shape: { shape: { dim } } } });
  }

  convolution(node: BlockNode, input: string, numbers: FusedConvolution): string {
    const { name, kernelSize, stride, groups } = node;
    const { depthwise, shape, kernel: values } = tensorFlowKernel(numbers, groups);
    const kernel = this.#weight(`${name}/kernel`, shape, values);
    const biases = this.#weight(`${name}/bias`, [numbers.bias.length], numbers.bias);
    const operation = depthwise ? 'FusedDepthwiseConv2dNative' : '_FusedConv2D';
    const attributes = { ...windowed(stride, kernelSize >> 1), ...fused(node) };
    return this.#activated(node, (output) => this.#node(operation, output, [input, kernel, biases], attributes));
  }

  maxPool(node: PoolNode, input: string): string {
    return this.#pool('MaxPool', node, input, LOWEST);
  }

  averagePool(node: PoolNode, input: string): string {
    return this.#pool('AvgPool', node, input, 0);
  }

  mean({ name }: GlobalPoolNode, input: string): string {
    const axes = this.#weight(`${name}/axes`, [2], Int32Array.of(1, 2));
    return this.#node('Mean', name, [input, axes], { T: FLOAT, Tidx: INT, keep_dims: { b: false } });
  }

  flatten({ name }: FlattenNode, input: string): string {
    const shape = this.#weight(`${name}/shape`, [2], Int32Array.of(-1, this.#shapes.get(name)?.[0] ?? 0));
    return this.#node('Reshape', name, [input, shape], { T: FLOAT, Tshape: INT });
  }

  #pool(kind: string, { name, size, stride, padding }: PoolNode, input: string, border: number): string {
    let source = input;
    if (padding > 0) {
      const sides = Int32Array.of(0, 0, padding, padding, padding, padding, 0, 0);
      const inputs = [
        input,
        this.#weight(`${name}/sides`, [4, 2], sides),
        this.#weight(`${name}/border`, [], Float32Array.of(border)),
      ];
      source = this.#node('PadV2', `${name}/pad`, inputs, { T: FLOAT, Tpaddings: INT });
    }
    return this.#node(kind, name, [source], {
      T: FLOAT,
      ksize: ints([1, size, size, 1]),
      strides: ints([1, stride, stride, 1]),
      padding: text('VALID'),
      data_format: text('NHWC'),
    });
  }

  dense(node: DenseNode, input: string, numbers: DenseNumbers): string {
    const { name, inputs, outputs } = node;
    const kernel = this.#weight(`${name}/kernel`, [inputs, outputs], numbers.weight);
    const bias = this.#weight(`${name}/bias`, [outputs], numbers.bias);
    const attr = { T: FLOAT, transpose_a: { b: false }, transpose_b: { b: false }, ...fused(node) };
    return this.#activated(node, (output) => this.#node('_FusedMatMul', output, [input, kernel, bias], attr));
  }

  squeezeExcite(node: SqueezeExciteNode, input: string, { down, up }: GateNumbers): string {
    const { name, channels, inner } = node;
    const mean = this.mean({ kind: 'global-average-pool', name: `${name}/mean`, input: node.input }, input);
    const layer = { kind: 'dense', input: name } as const;
    const first = { ...layer, name: `${name}/down`, inputs: channels, outputs: inner, activation: 'relu' } as const;
    const second = { ...layer, name: `${name}/up`, inputs: inner, outputs: channels, activation: 'none' } as const;
    const given = this.dense(second, this.dense(first, mean, down), up);
    const gate =
      node.gate === 'sigmoid'
        ? this.#node('Sigmoid', `${name}/gate`, [given], { T: FLOAT })
        : this.#hardSigmoid(`${name}/gate`, given);
    const shape = this.#weight(`${name}/shape`, [4], Int32Array.of(-1, 1, 1, channels));
    const map = this.#node('Reshape', `${name}/map`, [gate, shape], { T: FLOAT, Tshape: INT });
    return this.#activated({ ...node, fusible: false }, (output) =>
      this.#node('Mul', output, [input, map], { T: FLOAT }),
    );
  }

  /** An activation that no operation has inside of it stands behind it, in operations of its own. */
  #activated(
    {
      name,
      activation,
      fusible = true,
    }: { readonly name: string; readonly activation: Activation; readonly fusible?: boolean },
    compute: (output: string) => string,
  ): string {
    if (activation === 'none' || (activation === 'relu' && fusible)) return compute(name);
    const x = compute(`${name}/linear`);
    const binary = (operation: string, part: string, a: string, b: string): string =>
      this.#node(operation, part, [a, b], { T: FLOAT });
    const constant = (part: string, value: number): string =>
      this.#weight(`${name}/${part}`, [], Float32Array.of(value));
    switch (activation) {
      case 'relu':
        return this.#node('Relu', name, [x], { T: FLOAT });
      case 'relu6':
        return this.#node('Relu6', name, [x], { T: FLOAT });
      case 'silu':
        return binary('Mul', name, x, this.#node('Sigmoid', `${name}/sigmoid`, [x], { T: FLOAT }));
      case 'hard-swish':
        return binary('Mul', name, x, this.#hardSigmoid(`${name}/hard-sigmoid`, x));
      case 'gelu': {
        const scaled = binary('Mul', `${name}/scaled`, x, constant('root', Math.SQRT1_2));
        const erf = this.#node('Erf', `${name}/erf`, [scaled], { T: FLOAT });
        const shifted = binary('AddV2', `${name}/shifted`, erf, constant('one', 1));
        return binary('Mul', name, binary('Mul', `${name}/halved`, x, constant('half', 0.5)), shifted);
      }
    }
  }

  #hardSigmoid(name: string, x: string): string {
    const constant = (part: string, value: number): string =>
      this.#weight(`${name}/${part}`, [], Float32Array.of(value));
    const scaled = this.#node('Mul', `${name}/scaled`, [x, constant('sixth', 1 / 6)], { T: FLOAT });
    const shifted = this.#node('AddV2', `${name}/shifted`, [scaled, constant('half', 0.5)], { T: FLOAT });
    const relu = this.#node('Relu', `${name}/relu`, [shifted], { T: FLOAT });
    return this.#node('Minimum', name, [relu, constant('one', 1)], { T: FLOAT });
  }

  sum({ name, activation }: AddNode, input: string, other: string): string {
    const given = { name, activation, fusible: false };
    return this.#activated(given, (output) => this.#node('AddV2', output, [input, other], { T: FLOAT }));
  }

  subsample({ name, stride }: SubsampleNode, input: string, { shape, kernel }: KernelNumbers): string {
    const weight = this.#weight(`${name}/kernel`, shape, kernel);
    return this.#node('Conv2D', name, [input, weight], windowed(stride, 0));
  }

  #node(op: string, name: string, input: readonly string[], attr: GraphDefNode['attr']): string {
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  #weight(name: string, shape: readonly number[], values: NamedWeight['values']): string {
    const dtype = values instanceof Int32Array ? INT : FLOAT;
    const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) };
    this.nodes.push({
      name,
      op: 'Const',
      attr: { dtype, value: { tensor: { dtype: dtype.type, tensorShape } } },
    });
    this.weights.push({ name, shape, values });
    return name;
  }
}

const FLOAT = { type: 'DT_FLOAT' } as const;
const INT = { type: 'DT_INT32' } as const;

const ints = (values: readonly number[]) => ({ list: { i: values.map(String) } });
const base64 = (value: string): string => Buffer.from(value).toString('base64');
const text = (value: string) => ({ s: base64(value) });

/** Explicit padding, the same on both sides: 'SAME' pads one side only at stride 2. */
const windowed = (stride: number, padding: number) => ({
  T: FLOAT,
  strides: ints([1, stride, stride, 1]),
  dilations: ints([1, 1, 1, 1]),
  data_format: text('NHWC'),
  ...(padding === 0
    ? { padding: text('VALID') }
    : { padding: text('EXPLICIT'), explicit_paddings: ints([0, 0, padding, padding, padding, padding, 0, 0]) }),
});

const fused = ({ activation }: BlockNode | DenseNode) => ({
  num_args: { i: '1' },
  fused_ops: { list: { s: ['BiasAdd', ...(activation === 'relu' ? ['Relu'] : [])].map(base64) } },
  epsilon: { f: 0 },
});
