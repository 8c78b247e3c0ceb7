import type { FoldedConvolution, InferenceNorm } from '../contracts/kernel.js';
import { identityKernel64 } from '../fold/index.js';
import type { TensorValues } from '../formats/dtype.js';
import type { ImportedBlock, ImportedBranch, ImportedLayer } from './branch.js';
import type { BlockPlan } from './recognise.js';
import type { LayerNames } from './scheme.js';
import type { TensorSource } from './tensor-source.js';

/** As torch.nn.BatchNorm2d's default, which all of these families use; state dicts do not tell. */
const EPSILON = 1e-5;

/** Reads the numbers of a block and checks that its branches fit one another. @throws Error naming the tensor, its shape and what was expected. */
export async function readBlock(
  { name, scheme, branches: plans }: BlockPlan,
  source: TensorSource,
): Promise<ImportedBlock> {
  const branches: ImportedBranch[] = [];
  for (const plan of plans) {
    const layers: ImportedLayer[] = [];
    for (const layer of plan.layers) layers.push(await readLayer(layer, source));
    branches.push({ source: plan.source, layers });
  }
  const sizes = branches.flatMap(({ layers }) =>
    layers.flatMap((layer) => (layer.kind === 'convolution' ? layer.convolution.kernel.shape.slice(0, 2) : [])),
  );
  const kernelSize = Math.max(scheme.kernelSize ?? 1, ...sizes);
  const outputs = outputsOf(branches[0]);
  const inputs = branches.flatMap(({ layers: [first] }) =>
    first?.kind === 'convolution' ? [first.convolution.kernel.shape[2]] : [],
  );
  const block = { name, kernelSize, inputs: inputs[0] ?? outputs, outputs, branches };
  for (const branch of branches) checkFit(block, branch);
  return block;
}

async function readLayer(names: LayerNames, source: TensorSource): Promise<ImportedLayer> {
  if (names === 'average') return { kind: 'average' };
  if ('norm' in names) return { kind: 'norm', norm: await readNorm(names.norm, source) };
  return {
    kind: 'convolution',
    convolution: await readConvolution(names.convolution, source, names.identity ?? false),
  };
}

async function readNorm(name: string, source: TensorSource): Promise<InferenceNorm> {
  const [channels = 0] = source.shapes.get(`${name}.running_mean`) ?? [];
  const read = (tensor: string): Promise<Float64Array> => readVector(`${name}.${tensor}`, source, channels);
  return {
    gamma: await read('weight'),
    beta: await read('bias'),
    mean: await read('running_mean'),
    variance: await read('running_var'),
    epsilon: EPSILON,
  };
}

async function readVector(name: string, source: TensorSource, length: number): Promise<Float64Array> {
  const shape = source.shapes.get(name);
  if (shape?.length !== 1 || shape[0] !== length)
    throw new Error(`tensor '${name}' ${shape ? `has shape [${shape}]` : 'is missing'}; expected [${length}]`);
  return Float64Array.from(await source.read(name), Number);
}

async function readConvolution(name: string, source: TensorSource, identity: boolean): Promise<FoldedConvolution> {
  const shape = source.shapes.get(`${name}.weight`);
  const [outputs = 0, inputs = 0, height = 0, width = 0] = shape ?? [];
  if (shape?.length !== 4 || !shape.every((size) => size > 0) || height % 2 === 0 || width % 2 === 0)
    throw new Error(`tensor '${name}.weight' has shape [${shape}]; expected outputs, inputs, odd height, odd width`);
  const values = await source.read(`${name}.weight`);
  if (values instanceof BigInt64Array) throw new Error(`tensor '${name}.weight' holds integers; expected a kernel`);
  const kernel = { shape: [height, width, inputs, outputs] as const, data: outputsLast(values, outputs, inputs) };
  if (identity) addIdentity(name, kernel);
  const hasBias = source.shapes.has(`${name}.bias`);
  return { kernel, bias: hasBias ? await readVector(`${name}.bias`, source, outputs) : new Float64Array(outputs) };
}

/** `[O, I, H, W]` to `[H, W, I, O]`. */
function outputsLast(values: Exclude<TensorValues, BigInt64Array>, outputs: number, inputs: number): Float64Array {
  const pixels = values.length / (outputs * inputs);
  const result = new Float64Array(values.length);
  for (let pixel = 0, to = 0; pixel < pixels; pixel++) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++, to++)
        result[to] = values[(output * inputs + input) * pixels + pixel] as number;
    }
  }
  return result;
}

function addIdentity(name: string, { shape, data }: FoldedConvolution['kernel']): void {
  const [height, width, inputs, outputs] = shape;
  if (height !== 1 || width !== 1 || outputs % inputs !== 0)
    throw new Error(
      `tensor '${name}.weight' is of a ${height}x${width} kernel; expected 1x1 with as many outputs as inputs`,
    );
  const one = identityKernel64(outputs, outputs / inputs).data;
  for (let at = 0; at < data.length; at++) data[at] = (data[at] as number) + (one[at] as number);
}

/** Channels of what comes out of a branch. */
function outputsOf(branch: ImportedBranch | undefined): number {
  const last = branch?.layers.at(-1);
  if (last?.kind === 'norm') return last.norm.mean.length;
  return last?.kind === 'convolution' ? last.convolution.bias.length : 0;
}

function checkFit(block: ImportedBlock, branch: ImportedBranch): void {
  const [first] = branch.layers;
  const inputs = first?.kind === 'convolution' ? first.convolution.kernel.shape[2] : block.inputs;
  if (outputsOf(branch) !== block.outputs || inputs !== block.inputs)
    throw new Error(
      `branch ${block.name}.${branch.source} has ${inputs} inputs a group and ${outputsOf(branch)} outputs; the block's others have ${block.inputs} and ${block.outputs}`,
    );
}
