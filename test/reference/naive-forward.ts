import type {
  Activation,
  AddNode,
  BlockNode,
  DenseNode,
  FusedNetwork,
  GraphNode,
  PoolNode,
  SqueezeExciteNode,
  SubsampleNode,
} from '../../core/contracts/index.js';

/** One image's map `[height, width, channels]`, or a vector `[1, 1, features]`. */
export interface NaiveMap {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly data: Float64Array;
}

/** {@link naiveForward} of one image after another. */
export function naiveOutputs(network: FusedNetwork, images: Float32Array): Float64Array {
  const size = network.graph.input.reduce((a, b) => a * b);
  const outputs = Array.from({ length: images.length / size }, (_, index) =>
    naiveForward(network, Float64Array.from(images.subarray(index * size, (index + 1) * size))),
  );
  return Float64Array.from(outputs.flatMap((output) => [...output]));
}

/** A fused network on one image, by the definitions and in float64: slow, and with nothing in common with any engine. */
export function naiveForward(network: FusedNetwork, image: Float64Array): Float64Array {
  const values = new Map<string, NaiveMap>([['input', { shape: network.graph.input, data: image }]]);
  let last = values.get('input') as NaiveMap;
  for (const node of network.graph.nodes) {
    last = compute(network, node, (name) => values.get(name) as NaiveMap);
    values.set(node.name, last);
  }
  return last.data;
}

function compute(network: FusedNetwork, node: GraphNode, read: (name: string) => NaiveMap): NaiveMap {
  const x = read(node.input);
  switch (node.kind) {
    case 'block':
      return convolve(network, node, x);
    case 'max-pool':
      return pool(node, x, (values) => Math.max(...values));
    case 'average-pool':
      return pool(node, x, (values) => values.reduce((a, b) => a + b, 0) / node.size ** 2);
    case 'global-average-pool': {
      const [height, width, channels] = x.shape;
      return filled([1, 1, channels], (_y, _x, channel) => {
        let sum = 0;
        for (let row = 0; row < height; row++)
          for (let column = 0; column < width; column++) sum += at(x, row, column, channel);
        return sum / (height * width);
      });
    }
    case 'flatten':
      return { shape: [1, 1, x.data.length], data: x.data };
    case 'dropout':
      return x;
    case 'dense':
      return multiply(network, node, x);
    case 'add':
      return sum(node, x, read(node.other));
    case 'subsample':
      return subsample(node, x);
    case 'squeeze-excite':
      return squeezeExcite(network, node, x);
  }
}

function convolve(network: FusedNetwork, node: BlockNode, x: NaiveMap): NaiveMap {
  const fused = network.convolutions.get(node.name);
  if (!fused) throw new Error(`no convolution ${node.name}`);
  const [kernelHeight, kernelWidth, inputs, outputs] = fused.shape;
  const padding = node.kernelSize >> 1;
  const size = (length: number): number => Math.floor((length + 2 * padding - node.kernelSize) / node.stride) + 1;
  return filled([size(x.shape[0]), size(x.shape[1]), outputs], (row, column, output) => {
    const group = Math.floor(output / (outputs / node.groups));
    let sum = fused.bias[output] as number;
    for (let dy = 0; dy < kernelHeight; dy++)
      for (let dx = 0; dx < kernelWidth; dx++)
        for (let input = 0; input < inputs; input++) {
          const weight = fused.kernel[((dy * kernelWidth + dx) * inputs + input) * outputs + output] as number;
          const [y, z] = [row * node.stride + dy - padding, column * node.stride + dx - padding];
          sum += weight * at(x, y, z, group * inputs + input);
        }
    return activated(node, sum);
  });
}

function pool(node: PoolNode, x: NaiveMap, combine: (values: number[]) => number): NaiveMap {
  const outside = node.kind === 'max-pool' ? Number.NEGATIVE_INFINITY : 0;
  const size = (length: number): number => Math.floor((length + 2 * node.padding - node.size) / node.stride) + 1;
  return filled([size(x.shape[0]), size(x.shape[1]), x.shape[2]], (row, column, channel) => {
    const values: number[] = [];
    for (let dy = 0; dy < node.size; dy++)
      for (let dx = 0; dx < node.size; dx++) {
        const [y, z] = [row * node.stride + dy - node.padding, column * node.stride + dx - node.padding];
        values.push(at(x, y, z, channel, outside));
      }
    return combine(values);
  });
}

function multiply(network: FusedNetwork, node: DenseNode, x: NaiveMap): NaiveMap {
  const dense = network.dense.get(node.name);
  if (!dense) throw new Error(`no dense layer ${node.name}`);
  return filled([1, 1, node.outputs], (_row, _column, output) => {
    let sum = dense.bias[output] as number;
    for (let input = 0; input < node.inputs; input++)
      sum += (x.data[input] as number) * (dense.weight[input * node.outputs + output] as number);
    return activated(node, sum);
  });
}

const sum = (node: AddNode, a: NaiveMap, b: NaiveMap): NaiveMap =>
  filled(a.shape, (row, column, channel) => activated(node, at(a, row, column, channel) + at(b, row, column, channel)));

function subsample(node: SubsampleNode, x: NaiveMap): NaiveMap {
  const before = (node.outChannels - node.inChannels) >> 1;
  const size = (length: number): number => Math.ceil(length / node.stride);
  return filled([size(x.shape[0]), size(x.shape[1]), node.outChannels], (row, column, channel) =>
    at(x, row * node.stride, column * node.stride, channel - before),
  );
}

function squeezeExcite(network: FusedNetwork, node: SqueezeExciteNode, x: NaiveMap): NaiveMap {
  const [height, width, channels] = x.shape;
  const layer = (name: string, given: readonly number[]): number[] => {
    const numbers = network.dense.get(`${node.name}.${name}`);
    if (!numbers) throw new Error(`no layer ${node.name}.${name}`);
    const { weight, bias } = numbers;
    return [...bias].map((start, output) =>
      given.reduce((sum, value, input) => sum + value * (weight[input * bias.length + output] as number), start),
    );
  };
  const means = Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) sum += at(x, row, column, channel);
    return sum / (height * width);
  });
  const gates = layer(
    'up',
    layer('down', means).map((value) => Math.max(0, value)),
  );
  const open = (value: number): number =>
    node.gate === 'sigmoid' ? 1 / (1 + Math.exp(-value)) : Math.max(0, Math.min(1, value / 6 + 0.5));
  return filled(x.shape, (row, column, channel) =>
    activated(node, at(x, row, column, channel) * open(gates[channel] as number)),
  );
}

function activated({ activation }: { readonly activation: Activation }, value: number): number {
  switch (activation) {
    case 'none':
      return value;
    case 'relu':
      return Math.max(0, value);
    case 'relu6':
      return Math.max(0, Math.min(6, value));
    case 'silu':
      return value / (1 + Math.exp(-value));
    case 'hard-swish':
      return value * Math.max(0, Math.min(1, value / 6 + 0.5));
    case 'gelu':
      return (value / 2) * (1 + erf(value / Math.SQRT2));
  }
}

/** The error function by its series, which is enough for values of a network. */
function erf(x: number): number {
  if (Math.abs(x) > 4) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function at({ shape, data }: NaiveMap, row: number, column: number, channel: number, outside = 0): number {
  const [height, width, channels] = shape;
  const inside = row >= 0 && row < height && column >= 0 && column < width && channel >= 0 && channel < channels;
  return inside ? (data[(row * width + column) * channels + channel] as number) : outside;
}

function filled(shape: NaiveMap['shape'], value: (row: number, column: number, channel: number) => number): NaiveMap {
  const [height, width, channels] = shape;
  const data = new Float64Array(height * width * channels);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let channel = 0; channel < channels; channel++)
        data[(row * width + column) * channels + channel] = value(row, column, channel);
  return { shape, data };
}
