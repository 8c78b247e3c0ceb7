import { ARGUMENT, NORMALIZATION, PROPAGATION, QUERY, SIZE } from './abi.js';
import type { OneDnnBackend } from './backend.js';
import { type Description, dense, images, queried } from './descriptions.js';
import type { Shape4 } from './kernels/geometry.js';
import type { Handle } from './library.js';
import { Primitive } from './primitive.js';
import { created, type Runtime, succeed } from './runtime.js';

/** Batch normalisation of images by their own statistics, and its gradient. */
export interface NormalizationOptions {
  readonly shape: Shape4;
  readonly epsilon: number;
}

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
    const flags = NORMALIZATION.scaleShift | (relu ? NORMALIZATION.relu : 0);
    const descriptor = forward(runtime, name, x, epsilon, flags);
    return new Primitive(runtime, name, descriptor, [
      { argument: ARGUMENT.source, name: 'x', description: x },
      ...statistics(runtime, shape[3], ARGUMENT.scaleShift),
      { argument: ARGUMENT.destination, name: 'y', description: x },
      ...workspaceSlot(runtime, relu, descriptor),
    ]);
  });
}

function forward({ functions, engine }: Runtime, name: string, x: Description, epsilon: number, flags: number): Handle {
  const operation = new Uint8Array(SIZE.batchNormalization);
  succeed(name, functions.batchNormalization(operation, PROPAGATION.training, x, epsilon, flags));
  return created(name, (out) => functions.descriptorCreate(out, operation, 0, engine, 0));
}

const statistics = (runtime: Runtime, count: number, argument: number) => [
  { argument, name: 'scale and shift', description: dense(runtime, [2, count]) },
  { argument: ARGUMENT.mean, name: 'mean', description: dense(runtime, [count]) },
  { argument: ARGUMENT.variance, name: 'variance', description: dense(runtime, [count]) },
];

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
    const { functions, engine } = runtime;
    const x = images(runtime, shape);
    const flags = NORMALIZATION.scaleShift | (relu ? NORMALIZATION.relu : 0);
    const hint = forward(runtime, name, x, epsilon, flags);
    try {
      const operation = new Uint8Array(SIZE.batchNormalization);
      succeed(name, functions.batchNormalizationGradient(operation, PROPAGATION.backward, x, x, epsilon, flags));
      const descriptor = created(name, (out) => functions.descriptorCreate(out, operation, 0, engine, hint));
      const sums = dense(runtime, [2, shape[3]]);
      return new Primitive(runtime, name, descriptor, [
        { argument: ARGUMENT.source, name: 'x', description: x },
        ...statistics(runtime, shape[3], ARGUMENT.scaleShift),
        { argument: ARGUMENT.destinationGradient, name: 'dy', description: x },
        { argument: ARGUMENT.sourceGradient, name: 'dx', description: x },
        { argument: ARGUMENT.scaleShiftGradient, name: 'gradient of scale and shift', description: sums },
        ...workspaceSlot(runtime, relu, hint),
      ]);
    } finally {
      functions.descriptorDestroy(hint);
    }
  });
}

function workspaceSlot(runtime: Runtime, relu: boolean, descriptor: Handle) {
  const description = relu ? queried(runtime, descriptor, QUERY.workspace) : undefined;
  return description ? [{ argument: ARGUMENT.workspace, name: 'workspace', description }] : [];
}
