import type { FusedConvolution, FusedNetwork, SqueezeExciteNode } from '../../core/contracts/index.js';
import { outputsFirst as layOutputsFirst } from '../../core/io/formats/kernel-layout.js';
import { flattenedMaps } from '../../core/reparam/network/shapes.js';

/** Numbers in the layout of PyTorch and ONNX. */
export interface ChannelsFirst {
  /** OIHW kernel (inputs of one group) and bias, by block. */
  readonly convolutions: ReadonlyMap<string, LaidOut>;
  /** Outputs x inputs, and bias, by dense node. */
  readonly dense: ReadonlyMap<string, LaidOut>;
}

export interface LaidOut {
  readonly shape: readonly number[];
  /** Laid out anew at every call, so that a large network is not held twice. */
  weight(): Float32Array;
  readonly bias: Float32Array;
}

/**
 * A network's numbers for images `[N, C, H, W]`. Where maps are flattened, features then come channel by channel instead of
 * pixel by pixel, and so do the inputs of the dense layer behind.
 */
export function channelsFirst({ graph, convolutions, dense }: FusedNetwork): ChannelsFirst {
  const flattened = flattenedMaps(graph);
  const layers = graph.nodes.flatMap((node) => {
    if (node.kind === 'squeeze-excite') return gate(node, dense);
    const found = node.kind === 'dense' ? dense.get(node.name) : undefined;
    if (node.kind !== 'dense' || !found) return [];
    const [height, width, channels] = flattened.get(node.input) ?? [1, 1, node.inputs];
    const weight = () => outputsFirst(found.weight, [height, width, channels, node.outputs]);
    return [[node.name, { shape: [node.outputs, node.inputs], weight, bias: found.bias }] as const];
  });
  return {
    convolutions: new Map(
      [...convolutions].map(([name, found]) => [name, { ...outputsFirstKernel(found), bias: found.bias }]),
    ),
    dense: new Map(layers),
  };
}

/** The two dense layers of squeeze and excitation, by their own names. */
function gate(node: SqueezeExciteNode, dense: FusedNetwork['dense']): (readonly [string, LaidOut])[] {
  return [
    ['down', node.channels, node.inner],
    ['up', node.inner, node.channels],
  ].flatMap(([part, inputs, outputs]): (readonly [string, LaidOut])[] => {
    const name = `${node.name}.${part}`;
    const found = dense.get(name);
    if (!found) return [];
    const weight = () => outputsFirst(found.weight, [1, 1, inputs as number, outputs as number]);
    return [[name, { shape: [outputs as number, inputs as number], weight, bias: found.bias }]];
  });
}

/** An HWIO kernel as OIHW. */
export function outputsFirstKernel({
  shape,
  kernel,
}: Pick<FusedConvolution, 'shape' | 'kernel'>): Omit<LaidOut, 'bias'> {
  const [height, width, inputs, outputs] = shape;
  return { shape: [outputs, inputs, height, width], weight: () => outputsFirst(kernel, shape) };
}

/** `[H, W, I, O]` to `[O, I, H, W]`. */
function outputsFirst(values: Float32Array, shape: readonly [number, number, number, number]): Float32Array {
  const result = new Float32Array(values.length);
  layOutputsFirst(values, shape, result);
  return result;
}
