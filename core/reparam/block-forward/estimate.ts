import type { Work } from '../../engine/index.js';
import type { Branch } from '../network/branch.js';
import type { BlockPass } from './block-pass.js';
import { sharedKernels } from './shared-taps.js';
import { type BranchStep, branchSteps, type ImagesShape } from '../interpreters/shapes.js';
import { tapGroups } from './tap-groups.js';

/** Cost of a block in a training step, forward and backward. */
export interface Estimate {
  readonly work: Work;
  /** Values that are kept from the forward to the backward pass, the block's input and output aside. */
  readonly kept: number;
  /** Values that are needed at once beside them. */
  readonly passing: number;
}

/** A block of a training step, with its shapes. */
export interface BlockShape extends Pick<BlockPass, 'node' | 'branches'> {
  readonly input: ImagesShape;
}

type Convolution = Extract<BranchStep, { kind: 'convolution' }>;

/** Kernels run for the bookkeeping of a batch-norm: running statistics, scale and shift. */
const CALLS_PER_NORM = 12;
/** What the edges and corners of the input's products with itself, and of their gradient, cost in kernels: nine small parts each. */
const CALLS_PER_PRODUCTS = 200;
/** Times that a value of a KxK kernel is read or written where a branch is merged, loops in JavaScript weighed as what they take. */
const PASSES_PER_MERGED = 100;
/** Kernels that a branch runs on small tensors when its statistics come from moments, forward and backward. */
const CALLS_PER_MOMENTS = 8;

const size = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
const total = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0);

export const NO_WORK: Work = { forward: 0, input: 0, kernel: 0, product: 0, values: 0, calls: 0 };

export function plus(...parts: readonly Partial<Work>[]): Work {
  const of = (kind: keyof Work): number => total(parts.map((part) => part[kind] ?? 0));
  return {
    forward: of('forward'),
    input: of('input'),
    kernel: of('kernel'),
    product: of('product'),
    values: of('values'),
    calls: of('calls'),
  };
}

const macs = ({ height, width, groups, from, to }: Convolution): number =>
  (size(to) * height * width * from[3]) / groups;

/** A convolution and its gradients; where it reads the block's input, that one's gradient is added to the others'. */
function convolution(step: Convolution, first: boolean): Work {
  const [ends, multiplyAdds] = [size(step.from) + size(step.to), macs(step)];
  const isInput = step.onInput !== undefined;
  const input = isInput && first ? 0 : multiplyAdds;
  return {
    ...NO_WORK,
    forward: multiplyAdds,
    kernel: multiplyAdds,
    input,
    values: (input ? 3 : 2) * ends + (isInput && !first ? 3 * size(step.from) : 0),
    calls: input ? 4 : 2,
  };
}

/** A step other than a convolution, forward and backward. */
const other = ({ kind, from, to }: BranchStep): Partial<Work> =>
  kind === 'norm'
    ? { values: 8 * size(from), calls: 2 + CALLS_PER_NORM }
    : { values: 2 * (size(from) + size(to)), calls: 2 };

/** The activation, and the gradient that all branches are given. */
const activation = (output: ImagesShape): Partial<Work> => ({ values: 4 * size(output), calls: 2 });

/** One branch evaluated for itself: its steps, the batch-norm that closes it, and its part in the sum. */
export function branchEstimate(shape: Omit<BlockShape, 'branches'>, branch: Branch): Estimate {
  const { steps, output } = branchSteps(branch, shape.input);
  const work = plus(
    ...steps.map((step) => (step.kind === 'convolution' ? convolution(step, isFirst(shape)) : other(step))),
    { values: 9 * size(output), calls: CALLS_PER_NORM },
  );
  return { work, kept: keptOf({ steps, output }), passing: size(output) };
}

const stepsOf = ({ branches, input }: BlockShape) => branches.map((branch) => branchSteps(branch, input));

const isFirst = ({ node }: Pick<BlockShape, 'node'>): boolean => node.input === 'input';

/** Maps that a branch's backward pass reads: what its batch-norms and convolutions were given. */
const keptOf = ({ steps, output }: { steps: readonly BranchStep[]; output: ImagesShape }): number =>
  (steps.length === 0 ? 0 : size(output)) +
  total(steps.map((step) => (step.kind === 'norm' ? size(step.from) : 'onInput' in step ? 0 : keptBefore(step))));

const keptBefore = (step: BranchStep): number => (step.kind === 'convolution' ? size(step.from) : 0);

export function explicitEstimate(shape: BlockShape): Estimate {
  const output = stepsOf(shape)[0]?.output ?? shape.input;
  const all = shape.branches.map((branch) => branchEstimate(shape, branch));
  const work = plus(...all.map((branch) => branch.work), activation(output));
  const kept = total(all.map((branch) => branch.kept));
  return { work, kept, passing: (shape.branches.length + 1) * size(output) };
}

/** Convolutions by windows of one kernel become those of their parts, and sums. */
export function sharedTapsEstimate(shape: BlockShape): Estimate | undefined {
  const shared = sharedKernels(shape);
  if (shared.size === 0) return undefined;
  const explicit = explicitEstimate(shape);
  const { input, node } = shape;
  const parts = new Map<string, { readonly step: Convolution; uses: number }>();
  const saved: Work[] = [];
  for (const branch of shape.branches) {
    for (const step of branchSteps(branch, input).steps) {
      if (step.kind !== 'convolution' || step.onInput === undefined) continue;
      const { parameter } = branch.source(step.onInput);
      const windows = shared.get(parameter);
      if (!windows) continue;
      saved.push(convolution(step, isFirst(shape)));
      const groups = tapGroups(windows, node.kernelSize);
      for (const { taps, height, width, reach } of groups) {
        if (reach[0] > step.height >> 1 || reach[1] > step.width >> 1) continue;
        const key = `${parameter} ${taps} ${step.stride}`;
        const part = parts.get(key) ?? { step: { ...step, height, width }, uses: 0 };
        part.uses++;
        parts.set(key, part);
      }
    }
  }
  const own = [...parts.values()];
  const sums = total(own.map(({ step, uses }) => 3 * size(step.to) * (uses + uses - 1)));
  const work = plus(
    explicit.work,
    ...saved.map(negative),
    ...own.map(({ step }) => convolution(step, isFirst(shape))),
    { values: sums, calls: 4 * own.length },
  );
  return { work, kept: explicit.kept, passing: explicit.passing + total(own.map(({ step }) => size(step.to))) };
}

const negative = (work: Work): Work =>
  Object.fromEntries(Object.entries(work).map(([kind, amount]) => [kind, -amount])) as unknown as Work;

/** One branch at a time, with its forward pass computed twice. */
export function recomputeEstimate(shape: BlockShape): Estimate {
  const { work } = explicitEstimate(shape);
  const all = stepsOf(shape);
  const output = all[0]?.output ?? shape.input;
  const again = plus(
    ...all.flatMap(({ steps }) =>
      steps.map((step): Partial<Work> => {
        const ends = size(step.from) + size(step.to);
        return {
          values: step.kind === 'norm' ? 3 * ends : ends,
          ...(step.kind === 'convolution' && { forward: macs(step) }),
        };
      }),
    ),
    { values: 9 * shape.branches.length * size(output), calls: 20 * shape.branches.length },
  );
  const passing = Math.max(...all.map((branch) => keptOf(branch))) + 4 * size(output);
  return { work: plus(work, again), kept: 0, passing };
}

/** Products of the input with itself at few distances, products of kernels with them, and one convolution. */
export function momentsEstimate(shape: BlockShape): Estimate {
  const { node, branches, input } = shape;
  const { kernelSize, inChannels, outChannels, stride } = node;
  const first = isFirst(shape);
  const places = (input[0] * Math.ceil(input[1] / stride) * Math.ceil(input[2] / stride)) as number;
  const output = places * outChannels;
  const taps = kernelSize ** 2;
  const pixels = input[0] * input[1] * input[2];
  const merged = places * taps * inChannels * outChannels;
  const distances = (2 * kernelSize - 1) ** 2;
  const byDistance = stride === 1 && kernelSize <= 3;
  const squares = byDistance
    ? { kernel: pixels * distances * inChannels ** 2, forward: first ? 0 : pixels * distances * inChannels ** 2 }
    : {
        forward: places * (taps * inChannels) ** 2,
        input: first ? 0 : places * (taps * inChannels) ** 2,
        product: (first ? 1 : 3) * places * (taps * inChannels) ** 2,
        values: 8 * places * taps * inChannels,
      };
  const own = plus(...branches.map((branch) => momentsOfBranch(branch, inChannels, outChannels, kernelSize)));
  const work = plus(
    squares,
    own,
    { forward: merged, kernel: merged, input: first ? 0 : merged, calls: first ? 20 : CALLS_PER_PRODUCTS },
    { values: 3 * (size(input) + output) + 8 * output + (first ? 2 : 8) * size(input) },
  );
  const passing = 2 * output + (byDistance ? size(input) : 2 * places * taps * inChannels);
  return { work, kept: byDistance ? 0 : places * taps * inChannels, passing };
}

/** A quadratic form of the branch's own taps, forward and backward, and merging its kernel. */
function momentsOfBranch(branch: Branch, inputs: number, outputs: number, kernelSize: number): Work {
  const specs = [...branch.kernels.values()];
  const taps = Math.max(1, ...specs.map(({ height, width }) => height * width));
  const quadratic = 2 * (taps * inputs) ** 2 * outputs;
  const chained = specs.length > 1 ? 3 * taps * inputs * inputs * outputs : 0;
  const inner = branch.norms.size - 1;
  return {
    ...NO_WORK,
    product: quadratic + chained + inner * 2 * inputs ** 2 * inputs,
    values: PASSES_PER_MERGED * kernelSize ** 2 * inputs * outputs,
    calls: CALLS_PER_MOMENTS * branch.norms.size,
  };
}
