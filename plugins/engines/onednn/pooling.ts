import type { OneDnnBackend } from './backend.js';
import { dimensions, images, queried } from './descriptions.js';
import { ALGORITHM, ARGUMENT, QUERY } from './ffi/constants.js';
import type { Description, Handle, PoolingWindow } from './ffi/interface.js';
import { exact, places, type Shape4, type Window } from './kernels/geometry.js';
import { Primitive } from './primitive.js';
import type { Key } from './primitive-cache.js';
import type { Runtime } from './runtime.js';

/** A pool over images NHWC, fully known. `average-inside` leaves the border out of the divisor. */
export interface Pooling {
  readonly kind: 'maximum' | 'average' | 'average-inside';
  readonly input: Shape4;
  readonly window: Window;
}

const ALGORITHMS = {
  maximum: ALGORITHM.maxPooling,
  average: ALGORITHM.averagePoolingPadded,
  'average-inside': ALGORITHM.averagePooling,
} as const;

export const pooledShape = ({ input, window }: Pooling): Shape4 => [input[0], ...places(input, window), input[3]];

/** @throws Error naming the kernel where window and images do not fit. */
export function checkPooling(name: string, { input, window }: Pooling): void {
  const found = () =>
    `images [${input}], window [${window.size}], stride ${window.stride}, padding ${window.before} and ${window.after}`;
  if ([...input, ...window.size, ...window.stride].some((value) => !Number.isInteger(value) || value < 1))
    throw new Error(`${name}: sizes must be whole and positive (${found()})`);
  if (window.dilation.some((value) => value !== 1)) throw new Error(`${name}: dilated pools are not supported`);
  const fits = (padding: number, axis: number): boolean =>
    Number.isInteger(padding) && padding >= 0 && padding < (window.size[axis] as number);
  if (![window.before, window.after].every((sides) => sides.every(fits)))
    throw new Error(`${name}: the padding must be smaller than the window (${found()})`);
  if (places(input, window).some((count) => count < 1))
    throw new Error(`${name}: the window is larger than the padded images (${found()})`);
}

const nameOf = ({ kind, input, window }: Pooling): string =>
  `${kind} pool [${input}] ${window.size};${window.stride};${window.before};${window.after}`;

const keyOf = ({ kind, input, window: { size, stride, before, after } }: Pooling): Key => [
  ALGORITHMS[kind],
  ...input,
  ...size,
  ...stride,
  ...before,
  ...after,
];

/** Runs on x and y, and for a maximum on a workspace that says where each was found. */
export function pool(backend: OneDnnBackend, pooling: Pooling): Primitive {
  return backend.primitives.get('pool', keyOf(pooling), () => {
    const name = nameOf(pooling);
    const { runtime } = backend;
    const [x, y] = [images(runtime, pooling.input), images(runtime, pooledShape(pooling))];
    const descriptor = forward(runtime, name, pooling, x, y);
    return new Primitive(runtime, name, descriptor, [
      { argument: ARGUMENT.source, name: 'x', description: x },
      { argument: ARGUMENT.destination, name: 'y', description: y },
      ...workspaceSlot(runtime, pooling, descriptor),
    ]);
  });
}

/** Runs on dy and dx, and for a maximum on the workspace. */
export function poolGradient(backend: OneDnnBackend, pooling: Pooling): Primitive {
  return backend.primitives.get('pool gradient', keyOf(pooling), () => {
    const name = `${nameOf(pooling)} gradient`;
    const { runtime } = backend;
    const { functions } = runtime;
    const [x, y] = [images(runtime, pooling.input), images(runtime, pooledShape(pooling))];
    const hint = forward(runtime, name, pooling, x, y);
    try {
      const making = runtime.making(name, { hint });
      const descriptor = functions.pooling(making, 'gradient', ALGORITHMS[pooling.kind], x, y, geometry(pooling));
      return new Primitive(runtime, name, descriptor, [
        { argument: ARGUMENT.destinationGradient, name: 'dy', description: y },
        { argument: ARGUMENT.sourceGradient, name: 'dx', description: x },
        ...workspaceSlot(runtime, pooling, hint),
      ]);
    } finally {
      functions.descriptorDestroy(hint);
    }
  });
}

function forward(runtime: Runtime, name: string, pooling: Pooling, x: Description, y: Description): Handle {
  const algorithm = ALGORITHMS[pooling.kind];
  return runtime.functions.pooling(runtime.making(name), 'forward', algorithm, x, y, geometry(pooling));
}

function geometry({ input, window }: Pooling): PoolingWindow {
  const { stride, size, before, after } = exact(input, window);
  return {
    stride: dimensions(stride),
    size: dimensions(size),
    before: dimensions(before),
    after: dimensions(after),
  };
}

function workspaceSlot(runtime: Runtime, { kind }: Pooling, descriptor: Handle) {
  const description = kind !== 'maximum' ? undefined : queried(runtime, descriptor, QUERY.workspace);
  return description ? [{ argument: ARGUMENT.workspace, name: 'workspace', description }] : [];
}
