import type { BlockPlan, BranchPlan } from './recognise.js';

/** What the shapes of a block's tensors tell, before any number is read. */
export interface BlockShape {
  /** K, that of the largest branch. */
  readonly kernelSize: number;
  /** Input channels of one group, and output channels. */
  readonly inputs: number;
  readonly outputs: number;
  /** Whether a branch hands the input on as it is, which means stride 1. */
  readonly identity: boolean;
}

export type Shapes = ReadonlyMap<string, readonly number[]>;

/** @throws Error naming the tensor whose shape does not fit, what was found and what was expected. */
export function blockShape({ name, scheme, branches }: BlockPlan, shapes: Shapes): BlockShape {
  const found = branches.map((branch) => branchShape(branch, shapes));
  const [outputs = 0] = found.map((branch) => branch.outputs);
  // A block of nothing but its identity has no kernel that tells of groups.
  const [inputs = scheme.inputs ?? outputs] = found.flatMap((branch) => branch.inputs ?? []);
  for (const [index, branch] of found.entries()) {
    if (branch.outputs === outputs && (branch.inputs ?? inputs) === inputs) continue;
    throw new Error(
      `branch '${name}.${branches[index]?.source}' has ${branch.inputs ?? inputs} inputs a group and ${branch.outputs} outputs; the branches before it ${inputs} and ${outputs}`,
    );
  }
  return {
    kernelSize: Math.max(scheme.kernelSize ?? 1, ...found.map(({ kernelSize }) => kernelSize)),
    inputs,
    outputs,
    identity: branches.some(({ layers }) => layers.every((layer) => layer !== 'average' && 'norm' in layer)),
  };
}

interface BranchShape {
  readonly kernelSize: number;
  /** Absent where the branch does not begin with a convolution. */
  readonly inputs: number | undefined;
  readonly outputs: number;
}

function branchShape({ layers }: BranchPlan, shapes: Shapes): BranchShape {
  let inputs: number | undefined;
  let outputs: number | undefined;
  let kernelSize = 1;
  for (const [index, layer] of layers.entries()) {
    if (layer === 'average') continue;
    if ('norm' in layer) {
      const [channels = 0] = checked(shapes, `${layer.norm}.running_mean`, [outputs]);
      for (const tensor of ['weight', 'bias', 'running_var']) checked(shapes, `${layer.norm}.${tensor}`, [channels]);
      outputs = channels;
    } else {
      const [out = 0, within = 0, height = 0, width = 0] = kernelShape(shapes, layer.convolution, outputs);
      if (index === 0) inputs = within;
      if (shapes.has(`${layer.convolution}.bias`)) checked(shapes, `${layer.convolution}.bias`, [out]);
      kernelSize = Math.max(kernelSize, height, width);
      outputs = out;
    }
  }
  return { kernelSize, inputs, outputs: outputs ?? 0 };
}

/** `[outputs, inputs of a group, height, width]`; `channels` come from the layer before. */
function kernelShape(shapes: Shapes, name: string, channels: number | undefined): readonly number[] {
  const shape = shapes.get(`${name}.weight`) ?? [];
  const [out = 0, within = 0, height = 0, width = 0] = shape;
  const groups = channels === undefined ? 1 : channels / within;
  const fits = shape.length === 4 && shape.every((size) => size > 0) && Number.isInteger(groups) && out % groups === 0;
  if (!fits || height % 2 === 0 || width % 2 === 0)
    throw new Error(
      `tensor '${name}.weight' has shape [${shape}]; expected outputs, inputs of a group${channels === undefined ? '' : ` (a divisor of ${channels})`}, odd height, odd width`,
    );
  return shape;
}

/** The shape of a tensor; undefined sizes may be any. */
function checked(shapes: Shapes, name: string, expected: readonly (number | undefined)[]): readonly number[] {
  const shape = shapes.get(name);
  if (shape?.length === expected.length && expected.every((size, axis) => size === undefined || size === shape[axis]))
    return shape;
  const wanted = expected.map((size) => size ?? 'channels').join(', ');
  throw new Error(`tensor '${name}' ${shape ? `has shape [${shape.join(', ')}]` : 'is missing'}; expected [${wanted}]`);
}
