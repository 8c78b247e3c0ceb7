import { type BlockPlan, type BranchPlan, kernelOf, type LayerPlan } from './recognise.js';
import { CheckpointError } from './checkpoint-error.js';

/** What the shapes of a block's tensors say, before any number is read. */
export interface BlockShape {
  /** K, that of the largest branch, with its taps as far apart as they are. */
  readonly kernelSize: number;
  /** Input channels of one group, and output channels. */
  readonly inputs: number;
  readonly outputs: number;
  /** Whether a branch with tensors hands the input on as it is, which means stride 1. */
  readonly identity: boolean;
}

export type Shapes = ReadonlyMap<string, readonly number[]>;

/** @throws Error naming the tensor whose shape does not fit, what was found and what was expected. */
export function blockShape({ name, family, branches, closing }: BlockPlan, shapes: Shapes): BlockShape {
  const trained = branches.filter(({ implied }) => implied === undefined);
  const found = trained.map((branch) => branchShape(branch, shapes));
  const [outputs = 0] = found.map((branch) => branch.outputs);
  // A block of nothing but its identity has no kernel that tells of groups.
  const [inputs = family.inputs ?? outputs] = found.flatMap((branch) => branch.inputs ?? []);
  for (const [index, branch] of found.entries()) {
    if (branch.outputs === outputs && (branch.inputs ?? inputs) === inputs) continue;
    throw new CheckpointError(
      `branch '${name}.${trained[index]?.source}' has ${branch.inputs ?? inputs} inputs a group and ${branch.outputs} outputs; the branches before it ${inputs} and ${outputs}`,
    );
  }
  if (closing !== undefined) checkNorm(shapes, closing, outputs);
  return {
    kernelSize: Math.max(family.kernelSize ?? 1, ...found.map(({ kernelSize }) => kernelSize)),
    inputs,
    outputs,
    identity: trained.some(({ layers }) =>
      layers.every((layer) => layer !== 'average' && ('norm' in layer || 'scale' in layer)),
    ),
  };
}

interface BranchShape {
  readonly kernelSize: number;
  /** Absent where the branch does not begin with a convolution of the block's own groups. */
  readonly inputs: number | undefined;
  readonly outputs: number;
}

function branchShape({ layers }: BranchPlan, shapes: Shapes): BranchShape {
  let inputs: number | undefined;
  let outputs: number | undefined;
  let kernelSize = 1;
  for (const [index, layer] of layers.entries()) {
    if (layer === 'average') continue;
    if ('norm' in layer) outputs = checkNorm(shapes, layer.norm, outputs);
    else if ('shift' in layer) outputs = checkShift(shapes, layer.shift);
    else if ('scale' in layer) checkScale(shapes, layer, outputs);
    else if ('filter' in layer) kernelSize = Math.max(kernelSize, ...checkFilter(shapes, layer.filter, outputs));
    else {
      const [out = 0, within = 0, height = 1, width = 1] = kernelShape(shapes, layer, outputs);
      // A depthwise convolution before a dense one reads all channels, one a group; what only scales and shifts changes no channel.
      const leads = layers
        .slice(0, index)
        .every((before) => before !== 'average' && ('shift' in before || 'norm' in before));
      if (leads && !spreads(layers, shapes)) inputs = within;
      const bias = `${layer.convolution}.bias`;
      if (!layer.bare && shapes.has(bias)) checked(shapes, bias, [out]);
      const { dilation = 1 } = layer;
      kernelSize = Math.max(kernelSize, ...[height, width].map((taps) => (taps - 1) * dilation + 1));
      outputs = out;
    }
  }
  return { kernelSize, inputs, outputs: outputs ?? 0 };
}

/** Whether the first convolution has groups, and the second puts them together again. */
export function spreads(layers: readonly LayerPlan[], shapes: Shapes): boolean {
  const [first, second] = layers.flatMap((layer) =>
    layer !== 'average' && 'convolution' in layer ? [shapes.get(kernelOf(layer)) ?? []] : [],
  );
  if (!first || !second) return false;
  const [middle = 0, within = 0, height = 0] = first;
  const [, read = 0] = second;
  return height > 1 && within === 1 && read === middle && middle > 1;
}

/** `[outputs, inputs of a group, height, width]`; `channels` come from the layer before. */
function kernelShape(
  shapes: Shapes,
  layer: Extract<LayerPlan, { convolution: string }>,
  channels: number | undefined,
): readonly number[] {
  const name = kernelOf(layer);
  const found = shapes.get(name) ?? [];
  const shape = layer.dense && found.length === 2 ? [...found, 1, 1] : found;
  const [out = 0, within = 0, height = 0, width = 0] = shape;
  const groups = channels === undefined ? 1 : channels / within;
  const fits = shape.length === 4 && shape.every((size) => size > 0) && Number.isInteger(groups) && out % groups === 0;
  if (!fits || height % 2 === 0 || width % 2 === 0)
    throw new CheckpointError(
      `tensor '${name}' has shape [${shape}]; expected outputs, inputs of a group${channels === undefined ? '' : ` (a divisor of ${channels})`}, odd height, odd width`,
    );
  return shape;
}

/** A batch-norm without γ and β (`affine=False`) has the statistics alone. Gives its channels. */
function checkNorm(shapes: Shapes, name: string, channels: number | undefined): number {
  const [found = 0] = checked(shapes, `${name}.running_mean`, [channels]);
  checked(shapes, `${name}.running_var`, [found]);
  const affine = ['weight', 'bias'].filter((tensor) => shapes.has(`${name}.${tensor}`));
  if (affine.length > 0) for (const tensor of ['weight', 'bias']) checked(shapes, `${name}.${tensor}`, [found]);
  return found;
}

/** What is added may lie along any axes, as long as all but one are of length 1. Gives its channels. */
function checkShift(shapes: Shapes, name: string): number {
  const shape = shapes.get(name) ?? [];
  const channels = shape.reduce((product, size) => product * size, 1);
  if (!shape.includes(channels))
    throw new CheckpointError(`tensor '${name}' has shape [${shape}]; expected a number a channel`);
  return channels;
}

function checkScale(
  shapes: Shapes,
  { scale, row }: Extract<LayerPlan, { scale: string }>,
  channels: number | undefined,
): void {
  const shape = shapes.get(scale) ?? [];
  const [rows = 0, ...rest] = row === undefined ? [1, ...shape] : shape;
  const length = rest.reduce((product, size) => product * size, 1);
  if (length !== channels || rows <= (row ?? 0))
    throw new CheckpointError(
      `tensor '${scale}' has shape [${shape}]; expected ${row === undefined ? '' : `more than ${row} rows of `}${channels} numbers`,
    );
}

/** Height and width of a filter. */
function checkFilter(shapes: Shapes, name: string, channels: number | undefined): readonly [number, number] {
  const shape = shapes.get(name) ?? [];
  const [height = 0, width = 0] = shape.slice(-2);
  const fits = shape.length === 2 || (shape.length === 3 && shape[0] === channels);
  if (!fits || height % 2 === 0 || width % 2 === 0)
    throw new CheckpointError(
      `tensor '${name}' has shape [${shape}]; expected odd height and odd width, of each channel or of all`,
    );
  return [height, width];
}

/** The shape of a tensor; undefined sizes may be any. */
function checked(shapes: Shapes, name: string, expected: readonly (number | undefined)[]): readonly number[] {
  const shape = shapes.get(name);
  if (shape?.length === expected.length && expected.every((size, axis) => size === undefined || size === shape[axis]))
    return shape;
  const wanted = expected.map((size) => size ?? 'channels').join(', ');
  throw new CheckpointError(
    `tensor '${name}' ${shape ? `has shape [${shape.join(', ')}]` : 'is missing'}; expected [${wanted}]`,
  );
}
