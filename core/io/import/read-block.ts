import type { CheckpointFamily } from '../../contracts/checkpoint-family.js';
import type { InferenceNorm } from '../../contracts/kernel.js';
import { type Convolution, identityKernel64 } from '../../reparam/fold/index.js';
import type { TensorValues } from '../formats/dtype.js';
import { outputsLast } from '../formats/kernel-layout.js';
import { blockShape } from './block-shape.js';
import type { ImportedBlock, ImportedBranch, ImportedLayer } from './branch.js';
import { type BlockPlan, kernelOf, type LayerPlan } from './recognise.js';
import type { Settings } from './settings.js';
import type { TensorSource } from './tensor-source.js';
import { CheckpointError } from './checkpoint-error.js';

/** What the network around a block says of it. */
export interface BlockPlace {
  /** Absent where the network is not known. */
  readonly stride?: number;
  /** @default 1 */
  readonly dilation?: number;
}

/**
 * Reads the numbers of a block.
 *
 * @throws Error naming the tensor whose shape does not fit, or the one and its element that no network computes with.
 */
export async function readBlock(
  plan: BlockPlan,
  source: TensorSource,
  settings: Settings,
  { stride, dilation = 1 }: BlockPlace = {},
): Promise<ImportedBlock> {
  const { kernelSize, inputs, outputs } = blockShape(plan, source.shapes);
  const branches: ImportedBranch[] = [];
  for (const branch of plan.branches) {
    if (branch.implied === 'where-it-fits' && !fits(plan, inputs, outputs, stride, settings)) continue;
    const layers: ImportedLayer[] = [];
    for (const layer of branch.layers) {
      const read = await readLayer(layer, source, plan.family, settings);
      layers.push(spread(read, layers));
    }
    if (dilation !== 1 && layers.some(({ kind }) => kind === 'average'))
      throw new CheckpointError(`block '${plan.name}' has a mean over windows, which no dilation is known for`);
    branches.push({ source: branch.source, layers });
  }
  const closing = plan.closing === undefined ? undefined : await readNorm(plan.closing, source, plan.family, settings);
  const dilated = dilation === 1 ? {} : { dilation };
  return { name: plan.name, kernelSize, inputs, outputs, branches, ...(closing && { closing }), ...dilated };
}

/** One filter for all channels, as many times as the layer before it has. */
function spread(layer: ImportedLayer, before: readonly ImportedLayer[]): ImportedLayer {
  const last = before.findLast(({ kind }) => kind === 'convolution');
  if (layer.kind !== 'convolution' || last?.kind !== 'convolution') return layer;
  const { kernel } = layer.convolution;
  const [height, width, inputs, channels] = kernel.shape;
  const outputs = last.convolution.kernel.shape[3];
  if (inputs !== 1 || channels !== 1 || outputs === 1) return layer;
  const data = Float64Array.from(
    { length: height * width * outputs },
    (_, at) => kernel.data[Math.floor(at / outputs)] as number,
  );
  const spreadKernel = { shape: [height, width, 1, outputs] as const, data };
  return { kind: 'convolution', convolution: { kernel: spreadKernel, bias: new Float64Array(outputs) }, filter: true };
}

/** An identity without tensors is there where the block changes neither the width nor the size, which only its stride tells. */
function fits(
  { name, family }: BlockPlan,
  inputs: number,
  outputs: number,
  stride: number | undefined,
  { basis }: Settings,
): boolean {
  if (inputs !== outputs) return false;
  if (stride === undefined)
    throw new CheckpointError(
      `block '${name}' of ${family.summary} has an identity without tensors where its stride is 1, and the file does not say its stride; expected --strides ${name}=1 or =2`,
    );
  basis.note(
    'assumed',
    `an identity without tensors ${stride === 1 ? 'in' : 'in no'} block of as many inputs as outputs at stride ${stride}`,
  );
  return stride === 1;
}

async function readLayer(
  layer: LayerPlan,
  source: TensorSource,
  family: CheckpointFamily,
  settings: Settings,
): Promise<ImportedLayer> {
  if (layer === 'average') return { kind: 'average' };
  if ('norm' in layer) return { kind: 'norm', norm: await readNorm(layer.norm, source, family, settings) };
  if ('scale' in layer) return { kind: 'norm', norm: await readScale(layer, source) };
  if ('filter' in layer)
    return { kind: 'convolution', convolution: await readFilter(layer.filter, source), filter: true };
  if ('shift' in layer) return { kind: 'norm', norm: await readShift(layer.shift, source) };
  const convolution = await readConvolution(layer, source);
  const { dilation } = layer;
  return {
    kind: 'convolution',
    convolution: layer.identity ? withIdentity(convolution) : convolution,
    ...(dilation !== undefined && dilation !== 1 && { dilation }),
  };
}

async function readNorm(
  name: string,
  source: TensorSource,
  family: CheckpointFamily,
  settings: Settings,
): Promise<InferenceNorm> {
  const read = (tensor: string): Promise<Float64Array> => readVector(`${name}.${tensor}`, source);
  const [mean, variance] = [await read('running_mean'), await read('running_var')];
  const negative = variance.findIndex((value) => value < 0);
  if (negative >= 0)
    throw new CheckpointError(
      `tensor '${name}.running_var' holds ${variance[negative]} at [${negative}]; a variance is not negative`,
    );
  const epsilon = settings.epsilon(name, family);
  settings.weigh(name, variance, epsilon);
  const affine = source.shapes.has(`${name}.weight`);
  if (!affine) settings.basis.note('read', 'a batch-norm without weight and bias, which are 1 and 0');
  return {
    gamma: affine ? await read('weight') : new Float64Array(mean.length).fill(1),
    beta: affine ? await read('bias') : new Float64Array(mean.length),
    mean,
    variance,
    epsilon,
  };
}

/** What multiplies every channel is a batch-norm of mean 0 and variance 1. */
async function readScale(
  { scale, row, negative = false }: Extract<LayerPlan, { scale: string }>,
  source: TensorSource,
): Promise<InferenceNorm> {
  const all = await readVector(scale, source);
  const [, channels = all.length] = row === undefined ? [] : (source.shapes.get(scale) ?? []);
  const values = all.subarray((row ?? 0) * channels, (row ?? 0) * channels + channels);
  const zeros = new Float64Array(channels);
  const gamma = negative ? values.map((value) => -value) : values;
  return { gamma, beta: zeros, mean: zeros, variance: new Float64Array(channels).fill(1), epsilon: 0 };
}

/** What is added to every channel. */
async function readShift(name: string, source: TensorSource): Promise<InferenceNorm> {
  const beta = await readVector(name, source);
  const ones = new Float64Array(beta.length).fill(1);
  return { gamma: ones, beta, mean: new Float64Array(beta.length), variance: ones, epsilon: 0 };
}

async function readVector(name: string, source: TensorSource): Promise<Float64Array> {
  const values = Float64Array.from(await source.read(name), Number);
  refuseNotFinite(name, values, source);
  return values;
}

async function readConvolution(
  layer: Extract<LayerPlan, { convolution: string }>,
  source: TensorSource,
): Promise<Convolution> {
  const name = kernelOf(layer);
  const [outputs = 0, inputs = 0, height = 1, width = 1] = source.shapes.get(name) ?? [];
  const values = numbers(await source.read(name));
  refuseNotFinite(name, values, source);
  const shape = [height, width, inputs, outputs] as const;
  const data = values instanceof Float32Array ? new Float32Array(values.length) : new Float64Array(values.length);
  outputsLast(values, shape, data);
  const biased = !layer.bare && source.shapes.has(`${layer.convolution}.bias`);
  const bias = biased ? await readVector(`${layer.convolution}.bias`, source) : new Float64Array(outputs);
  return { kernel: { shape, data }, bias };
}

/** A kernel of every channel alone: of all the same, or one a channel. How many channels, the layer before says. */
async function readFilter(name: string, source: TensorSource): Promise<Convolution> {
  const shape = source.shapes.get(name) ?? [];
  const [height = 0, width = 0] = shape.slice(-2);
  const values = await readVector(name, source);
  const channels = shape.length === 3 ? (shape[0] ?? 0) : 1;
  const data = new Float64Array(values.length);
  outputsLast(values, [height, width, 1, channels], data);
  return { kernel: { shape: [height, width, 1, channels], data }, bias: new Float64Array(channels) };
}

const numbers = (values: TensorValues): Float32Array | Float64Array =>
  values instanceof Float32Array || values instanceof Float64Array ? values : Float64Array.from(values, Number);

function refuseNotFinite(name: string, values: Float32Array | Float64Array, { shapes }: TensorSource): void {
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    // A number less itself is 0 unless it is NaN or infinite.
    if (value - value === 0) continue;
    throw new CheckpointError(
      `tensor '${name}' holds ${value} at [${placeIn(shapes.get(name) ?? [], at)}]; expected numbers`,
    );
  }
}

function placeIn(shape: readonly number[], index: number): string {
  let rest = index;
  const place = shape.toReversed().map((size) => {
    const at = rest % size;
    rest = Math.floor(rest / size);
    return at;
  });
  return place.reverse().join(', ');
}

function withIdentity({ kernel, bias }: Convolution): Convolution {
  const [height, width, inputs, outputs] = kernel.shape;
  if (height !== 1 || width !== 1 || outputs % inputs !== 0)
    throw new CheckpointError(
      `the identity cannot be added to a ${height}x${width} kernel of ${inputs} inputs and ${outputs} outputs`,
    );
  const one = identityKernel64(outputs, outputs / inputs).data;
  const data = one.map((value, at) => value + (kernel.data[at] as number));
  return { kernel: { shape: kernel.shape, data }, bias };
}
