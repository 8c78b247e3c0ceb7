import type {
  AddNode,
  BlockNode,
  DenseNode,
  FusedNetwork,
  GraphNode,
  PoolNode,
  SubsampleNode,
} from '../../core/contracts/index.js';
import { shapes } from '../../core/network/shapes.js';
import { isDepthwise, ungrouped } from './grouped-kernel.js';
import { subsampleKernel } from './subsample-kernel.js';
import type { NamedWeight } from './named-weight.js';

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
  for (const node of network.graph.nodes) writer.add(node);
  return writer.finish();
}

/** The lowest number that float32 holds: what a maximum leaves out. */
const LOWEST = -3.4028234663852886e38;

/** Writes nodes one after another. Names beside a node's own hold a slash, which nodes' names do not. */
class GraphWriter {
  readonly #network: FusedNetwork;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #nodes: GraphDefNode[] = [];
  readonly #weights: NamedWeight[] = [];
  /** The operation that gives a node's output. */
  readonly #operation = new Map<string, string>([['input', 'input']]);
  #last = 'input';

  constructor(network: FusedNetwork) {
    this.#network = network;
    this.#shapes = shapes(network.graph);
    const dim = [-1, ...network.graph.input].map((size) => ({ size: String(size) }));
    this.#nodes.push({ name: 'input', op: 'Placeholder', attr: { dtype: FLOAT, shape: { shape: { dim } } } });
  }

  add(node: GraphNode): void {
    this.#operation.set(node.name, this.#compute(node, this.#read(node.input)));
    this.#last = node.name;
  }

  finish(): TensorFlowGraph {
    return { nodes: this.#nodes, weights: this.#weights, input: 'input', output: this.#read(this.#last) };
  }

  #compute(node: GraphNode, input: string): string {
    const { name } = node;
    switch (node.kind) {
      case 'block':
        return this.#convolution(node, input);
      case 'max-pool':
        return this.#pool('MaxPool', node, input, LOWEST);
      case 'average-pool':
        return this.#pool('AvgPool', node, input, 0);
      case 'global-average-pool': {
        const axes = this.#weight(`${name}/axes`, [2], Int32Array.of(1, 2));
        return this.#node('Mean', name, [input, axes], { T: FLOAT, Tidx: INT, keep_dims: { b: false } });
      }
      case 'flatten': {
        const shape = this.#weight(`${name}/shape`, [2], Int32Array.of(-1, this.#shapes.get(name)?.[0] ?? 0));
        return this.#node('Reshape', name, [input, shape], { T: FLOAT, Tshape: INT });
      }
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
    const { name, kernelSize, stride, groups } = node;
    const convolution = this.#network.convolutions.get(name);
    if (!convolution) throw new Error(`the fused network has no convolution for node '${name}'`);
    const { shape, bias } = convolution;
    const depthwise = isDepthwise(convolution, groups);
    const dense = depthwise ? convolution : ungrouped(convolution, groups);
    // [H, W, 1, groups · m] and [H, W, groups, m] lie in memory in the same order.
    const wanted = depthwise ? [shape[0], shape[1], groups, shape[3] / groups] : dense.shape;
    const kernel = this.#weight(`${name}/kernel`, wanted, dense.kernel);
    const biases = this.#weight(`${name}/bias`, [bias.length], bias);
    const operation = depthwise ? 'FusedDepthwiseConv2dNative' : '_FusedConv2D';
    return this.#node(operation, name, [input, kernel, biases], {
      ...windowed(stride, kernelSize >> 1),
      ...fused(node),
    });
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

  #dense(node: DenseNode, input: string): string {
    const { name, inputs, outputs } = node;
    const dense = this.#network.dense.get(name);
    if (!dense) throw new Error(`the fused network has no weights for node '${name}'`);
    const kernel = this.#weight(`${name}/kernel`, [inputs, outputs], dense.weight);
    const bias = this.#weight(`${name}/bias`, [outputs], dense.bias);
    const attr = { T: FLOAT, transpose_a: { b: false }, transpose_b: { b: false }, ...fused(node) };
    return this.#node('_FusedMatMul', name, [input, kernel, bias], attr);
  }

  #sum({ name, other, activation }: AddNode, input: string): string {
    const inputs = [input, this.#read(other)];
    if (activation === 'none') return this.#node('AddV2', name, inputs, { T: FLOAT });
    return this.#node('Relu', name, [this.#node('AddV2', `${name}/sum`, inputs, { T: FLOAT })], { T: FLOAT });
  }

  #subsample(node: SubsampleNode, input: string): string {
    const { shape, kernel } = subsampleKernel(node);
    const weight = this.#weight(`${node.name}/kernel`, shape, kernel);
    return this.#node('Conv2D', node.name, [input, weight], windowed(node.stride, 0));
  }

  #node(op: string, name: string, input: readonly string[], attr: GraphDefNode['attr']): string {
    this.#nodes.push({ name, op, input, attr });
    return name;
  }

  #weight(name: string, shape: readonly number[], values: NamedWeight['values']): string {
    const dtype = values instanceof Int32Array ? INT : FLOAT;
    const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) };
    this.#nodes.push({
      name,
      op: 'Const',
      attr: { dtype, value: { tensor: { dtype: dtype.type, tensorShape } } },
    });
    this.#weights.push({ name, shape, values });
    return name;
  }

  #read(node: string): string {
    const operation = this.#operation.get(node);
    if (operation === undefined) throw new Error(`a node reads '${node}', which no node before it gives`);
    return operation;
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
