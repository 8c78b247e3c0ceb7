import type { BranchScope, FeatureMap } from '../../contracts/branch-op.js';
import type { Tensor } from '../../contracts/tensor.js';
import type { Branch } from '../network/branch.js';

/** Images and their size. */
export type ImagesShape = readonly [images: number, height: number, width: number, channels: number];

/** One operation of a branch before its closing batch-norm. */
export type BranchStep =
  | {
      readonly kind: 'convolution';
      /** Name of the kernel, if it convolves the block's input. */
      readonly onInput?: string;
      readonly height: number;
      readonly width: number;
      readonly stride: number;
      readonly groups: number;
      readonly from: ImagesShape;
      readonly to: ImagesShape;
    }
  | { readonly kind: 'pool' | 'norm'; readonly from: ImagesShape; readonly to: ImagesShape };

/** Interprets a branch on shapes instead of images. Returns its steps in order, and the shape of its output. */
export function branchSteps(branch: Branch, input: ImagesShape): { steps: BranchStep[]; output: ImagesShape } {
  const steps: BranchStep[] = [];
  const names = new Map<Tensor, string>();
  const { block, options } = branch;
  const x: FeatureMap = { value: shapeOnly(input), border: 0, pending: false };
  const shapeOf = ({ value }: FeatureMap) => value.shape as unknown as ImagesShape;
  const windowed = (map: FeatureMap, [height, width]: readonly [number, number], stride: number): [number, number] => {
    const along = (length: number, size: number): number => {
      const padding = map.border + Math.max(0, (size >> 1) - map.border);
      return Math.floor((length + 2 * padding - size) / stride) + 1;
    };
    const [, rows, columns] = shapeOf(map);
    return [along(rows, height), along(columns, width)];
  };
  const scope: BranchScope = {
    block,
    options,
    kernel: (name) => {
      const { height, width, inputs, outputs } = branch.spec(name);
      const kernel = shapeOnly([height, width, inputs, outputs]);
      names.set(kernel, name);
      return kernel;
    },
    convolve: (map, kernel, { stride = 1 } = {}) => {
      const [height, width, , outputs] = kernel.shape as [number, number, number, number];
      const from = shapeOf(map);
      const to: ImagesShape = [from[0], ...windowed(map, [height, width], stride), outputs];
      const name = names.get(kernel);
      const onInput = map === x && name !== undefined ? { onInput: name } : {};
      steps.push({ kind: 'convolution', ...onInput, height, width, stride, groups: block.groups, from, to });
      return { value: shapeOnly(to), border: 0, pending: false };
    },
    averagePool: (map, size, stride) => {
      const from = shapeOf(map);
      const to: ImagesShape = [from[0], ...windowed(map, [size, size], stride), from[3]];
      steps.push({ kind: 'pool', from, to });
      return { value: shapeOnly(to), border: 0, pending: false };
    },
    normalise: (_, map, border) => {
      steps.push({ kind: 'norm', from: shapeOf(map), to: shapeOf(map) });
      return { ...map, border, pending: border > 0 };
    },
  };
  const output = branch.op.forward(x, scope);
  return { steps, output: shapeOf(output) };
}

function shapeOnly(shape: readonly number[]): Tensor {
  const nothing = (): never => {
    throw new Error('the values of a map are not there while a branch is only measured');
  };
  return { shape: [...shape], dtype: 'float32', data: nothing, dataSync: nothing, dispose: () => undefined };
}
