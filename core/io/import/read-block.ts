import type { InferenceNorm } from '../../contracts/kernel.js';
import { type Convolution, identityKernel64 } from '../../reparam/fold/index.js';
import type { TensorValues } from '../formats/dtype.js';
import { outputsLast } from '../formats/kernel-layout.js';
import { blockShape } from './block-shape.js';
import type { ImportedBlock, ImportedBranch, ImportedLayer } from './branch.js';
import type { BlockPlan } from './recognise.js';
import type { LayerNames } from './scheme.js';
import type { TensorSource } from './tensor-source.js';

/** As torch.nn.BatchNorm2d's default, which all of these families use; state dicts do not tell. */
const EPSILON = 1e-5;

/** Reads the numbers of a block. @throws Error naming the tensor whose shape does not fit. */
export async function readBlock(plan: BlockPlan, source: TensorSource): Promise<ImportedBlock> {
  const { kernelSize, inputs, outputs } = blockShape(plan, source.shapes);
  const branches: ImportedBranch[] = [];
  for (const branch of plan.branches) {
    const layers: ImportedLayer[] = [];
    for (const layer of branch.layers) layers.push(await readLayer(layer, source));
    branches.push({ source: branch.source, layers });
  }
  return { name: plan.name, kernelSize, inputs, outputs, branches };
}

async function readLayer(names: LayerNames, source: TensorSource): Promise<ImportedLayer> {
  if (names === 'average') return { kind: 'average' };
  if ('norm' in names) return { kind: 'norm', norm: await readNorm(names.norm, source) };
  const convolution = await readConvolution(names.convolution, source);
  return { kind: 'convolution', convolution: names.identity ? withIdentity(convolution) : convolution };
}

async function readNorm(name: string, source: TensorSource): Promise<InferenceNorm> {
  const read = (tensor: string): Promise<Float64Array> => readVector(`${name}.${tensor}`, source);
  return {
    gamma: await read('weight'),
    beta: await read('bias'),
    mean: await read('running_mean'),
    variance: await read('running_var'),
    epsilon: EPSILON,
  };
}

async function readVector(name: string, source: TensorSource): Promise<Float64Array> {
  return Float64Array.from(await source.read(name), Number);
}

async function readConvolution(name: string, source: TensorSource): Promise<Convolution> {
  const [outputs = 0, inputs = 0, height = 0, width = 0] = source.shapes.get(`${name}.weight`) ?? [];
  const values = numbers(await source.read(`${name}.weight`));
  const shape = [height, width, inputs, outputs] as const;
  const data = values instanceof Float32Array ? new Float32Array(values.length) : new Float64Array(values.length);
  outputsLast(values, shape, data);
  const bias = source.shapes.has(`${name}.bias`) ? await readVector(`${name}.bias`, source) : new Float64Array(outputs);
  return { kernel: { shape, data }, bias };
}

const numbers = (values: TensorValues): Float32Array | Float64Array =>
  values instanceof Float32Array || values instanceof Float64Array ? values : Float64Array.from(values, Number);

function withIdentity({ kernel, bias }: Convolution): Convolution {
  const [height, width, inputs, outputs] = kernel.shape;
  if (height !== 1 || width !== 1 || outputs % inputs !== 0)
    throw new Error(
      `the identity cannot be added to a ${height}x${width} kernel of ${inputs} inputs and ${outputs} outputs`,
    );
  const one = identityKernel64(outputs, outputs / inputs).data;
  const data = one.map((value, at) => value + (kernel.data[at] as number));
  return { kernel: { shape: kernel.shape, data }, bias };
}
