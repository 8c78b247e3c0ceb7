import type { OneDnnBackend } from './backend.js';
import { dense, images, queried } from './descriptions.js';
import { ARGUMENT, QUERY } from './ffi/constants.js';
import type { Handle } from './ffi/interface.js';
import type { Shape4 } from './kernels/geometry.js';
import { Primitive, type Slot, type Tail } from './primitive.js';
import type { Runtime } from './runtime.js';

/** Batch normalisation of images by their own statistics, and its gradient. */
export interface NormalizationOptions {
  readonly shape: Shape4;
  readonly epsilon: number;
}

/** Position of the scale and shift among the arguments, and of their gradient. */
const [SCALE_SHIFT, SCALE_SHIFT_GRADIENT] = [1, 6];

/**
 * `y = act(scale · (x − mean) / √(variance + ε) + shift)`. Runs on x, scale and shift `[2,C]`, mean, variance, y, and with
 * `relu` on a workspace. Writes mean, variance and y.
 */
export function normalization(
  backend: OneDnnBackend,
  { shape, epsilon }: NormalizationOptions,
  relu: boolean,
): Primitive {
  return backend.primitives.get('normalization', [...shape, epsilon, Number(relu)], () => {
    const name = `batch normalization [${shape}] ${epsilon} ${relu}`;
    const { runtime } = backend;
    const x = images(runtime, shape);
    const descriptor = runtime.functions.normalization(runtime.making(name), 'forward', x, epsilon, relu);
    const affine = scaleAndShift(runtime, shape[3], runtime.functions.scaleShift.forward, SCALE_SHIFT);
    return new Primitive(
      runtime,
      name,
      descriptor,
      [
        { argument: ARGUMENT.source, name: 'x', description: x },
        affine.slot,
        ...statistics(runtime, shape[3]),
        { argument: ARGUMENT.destination, name: 'y', description: x },
        ...workspaceSlot(runtime, relu, descriptor),
      ],
      affine.tails,
    );
  });
}

/**
 * The gradient of that. Runs on x, scale and shift `[2,C]`, mean, variance, dy, dx, the gradient of scale and shift `[2,C]`
 * (Σ dy·x̂ and Σ dy), and with `relu` on the workspace that the forward pass wrote. dx may be dy.
 */
export function normalizationGradient(
  backend: OneDnnBackend,
  { shape, epsilon }: NormalizationOptions,
  relu: boolean,
): Primitive {
  return backend.primitives.get('normalization gradient', [...shape, epsilon, Number(relu)], () => {
    const name = `batch normalization gradient [${shape}] ${epsilon} ${relu}`;
    const { runtime } = backend;
    const { functions } = runtime;
    const { backward, gradients } = functions.scaleShift;
    const x = images(runtime, shape);
    const hint = functions.normalization(runtime.making(name), 'forward', x, epsilon, relu);
    try {
      const descriptor = functions.normalization(runtime.making(name, { hint }), 'gradient', x, epsilon, relu);
      const affine = scaleAndShift(runtime, shape[3], backward, SCALE_SHIFT);
      const sums = scaleAndShift(runtime, shape[3], gradients, SCALE_SHIFT_GRADIENT);
      return new Primitive(
        runtime,
        name,
        descriptor,
        [
          { argument: ARGUMENT.source, name: 'x', description: x },
          affine.slot,
          ...statistics(runtime, shape[3]),
          { argument: ARGUMENT.destinationGradient, name: 'dy', description: x },
          { argument: ARGUMENT.sourceGradient, name: 'dx', description: x },
          { ...sums.slot, name: 'gradient of scale and shift' },
          ...workspaceSlot(runtime, relu, hint),
        ],
        [...affine.tails, ...sums.tails],
      );
    } finally {
      functions.descriptorDestroy(hint);
    }
  });
}

/** Scale and shift in one array `[2,C]`: one argument, or one for each half. */
function scaleAndShift(
  runtime: Runtime,
  count: number,
  [first, second]: readonly number[],
  slot: number,
): { readonly slot: Slot; readonly tails: readonly Tail[] } {
  const whole = dense(runtime, [2, count]);
  const description = runtime.functions.scaleShift.together ? whole : dense(runtime, [count]);
  const name = 'scale and shift';
  return {
    slot: { argument: first as number, name, description, whole },
    tails: second === undefined ? [] : [{ argument: second, name, description, slot, from: count }],
  };
}

const statistics = (runtime: Runtime, count: number): Slot[] => [
  { argument: ARGUMENT.mean, name: 'mean', description: dense(runtime, [count]) },
  { argument: ARGUMENT.variance, name: 'variance', description: dense(runtime, [count]) },
];

function workspaceSlot(runtime: Runtime, relu: boolean, descriptor: Handle): Slot[] {
  const description = relu ? queried(runtime, descriptor, QUERY.workspace) : undefined;
  return description ? [{ argument: ARGUMENT.workspace, name: 'workspace', description }] : [];
}
