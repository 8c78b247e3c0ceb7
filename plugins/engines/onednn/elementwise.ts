import type { OneDnnBackend } from './backend.js';
import { dense, images, strided } from './descriptions.js';
import { ALGORITHM, ARGUMENT } from './ffi/constants.js';
import type { Description, Handle } from './ffi/interface.js';
import { created, succeed } from './ffi/status.js';
import type { Shape4 } from './kernels/geometry.js';
import { Primitive, type Slot } from './primitive.js';
import type { Key } from './primitive-cache.js';
import type { Runtime } from './runtime.js';

/** How an operand of an elementwise operation lies: values in a row, images NHWC, one value a channel, or one for all. */
export type Extent = { readonly key: Key } & (
  | { readonly kind: 'row'; readonly length: number }
  | { readonly kind: 'images'; readonly shape: Shape4 }
  | { readonly kind: 'channels'; readonly count: number }
  | { readonly kind: 'scalar' }
);

export const row = (length: number): Extent => ({ kind: 'row', length, key: [0, length] });
export const imagesOf = (shape: Shape4): Extent => ({ kind: 'images', shape, key: [1, ...shape] });
export const channels = (count: number): Extent => ({ kind: 'channels', count, key: [2, count] });
export const SCALAR: Extent = { kind: 'scalar', key: [3] };

function describe(runtime: Runtime, extent: Extent): Description {
  switch (extent.kind) {
    case 'row':
      return dense(runtime, [extent.length]);
    case 'images':
      return images(runtime, extent.shape);
    case 'channels':
      return strided(runtime, [1, extent.count, 1, 1], [extent.count, 1, extent.count, extent.count]);
    case 'scalar':
      return dense(runtime, [1]);
  }
}

const nameOf = (extent: Extent): string => {
  switch (extent.kind) {
    case 'row':
      return `${extent.length}`;
    case 'images':
      return `[${extent.shape}]`;
    case 'channels':
      return `channels ${extent.count}`;
    case 'scalar':
      return 'scalar';
  }
};

/** What happens to a result before it is written: another operand comes in, what is there is added, or negative values go. */
export type Then = { readonly key: Key } & (
  | { readonly kind: 'binary'; readonly algorithm: number; readonly operand: Extent }
  | { readonly kind: 'accumulate' }
  | { readonly kind: 'relu' }
);

export const RELU: Then = { kind: 'relu', key: [0] };
export const ACCUMULATE: Then = { kind: 'accumulate', key: [1] };
const withOperand = (algorithm: number, operand: Extent): Then => ({
  kind: 'binary',
  algorithm,
  operand,
  key: [2, algorithm, ...operand.key],
});
export const plus = (operand: Extent): Then => withOperand(ALGORITHM.add, operand);
export const times = (operand: Extent): Then => withOperand(ALGORITHM.multiply, operand);

/**
 * `y = then(a ∘ b)` in one pass; b is broadcast where it is smaller. Runs on a, b, the operands of `then` in order, and y,
 * of a's extent.
 */
export function binary(
  backend: OneDnnBackend,
  algorithm: number,
  a: Extent,
  b: Extent,
  then: readonly Then[] = [],
): Primitive {
  const key = [algorithm, ...a.key, ...b.key];
  for (const step of then) key.push(...step.key);
  return backend.primitives.get('binary', key, () => {
    const name = `binary ${algorithm} ${nameOf(a)} ${nameOf(b)} ${then.map(stepName).join(' ')}`;
    return compileBinary(backend.runtime, name, algorithm, [a, b], then);
  });
}

const stepName = (step: Then): string =>
  step.kind === 'binary' ? `${step.algorithm} ${nameOf(step.operand)}` : step.kind;

function compileBinary(
  runtime: Runtime,
  name: string,
  algorithm: number,
  [a, b]: readonly [Extent, Extent],
  then: readonly Then[],
): Primitive {
  const [first, second] = [describe(runtime, a), describe(runtime, b)];
  return withPostOperations(runtime, name, then, ({ attributes, slots }) => {
    const descriptor = runtime.functions.binary(runtime.making(name, { attributes }), algorithm, first, second);
    return new Primitive(runtime, name, descriptor, [
      { argument: ARGUMENT.source, name: 'a', description: first },
      { argument: ARGUMENT.secondSource, name: 'b', description: second },
      ...slots,
      { argument: ARGUMENT.destination, name: 'y', description: first },
    ]);
  });
}

interface PostOperations {
  readonly attributes: Handle;
  /** Where the operands of those that have one go. */
  readonly slots: readonly Slot[];
}

/** What an operation does to its result before it is written, for the time of `work`. */
export function withPostOperations<Result>(
  runtime: Runtime,
  name: string,
  then: readonly Then[],
  work: (operations: PostOperations) => Result,
): Result {
  const operations = postOperations(runtime, name, then);
  try {
    return work(operations);
  } finally {
    runtime.functions.attributesDestroy(operations.attributes);
  }
}

function postOperations(runtime: Runtime, name: string, then: readonly Then[]): PostOperations {
  const { functions } = runtime;
  const attributes = created(name, (out) => functions.attributesCreate(out));
  const operations = created(name, (out) => functions.postOperationsCreate(out));
  const slots: Slot[] = [];
  then.forEach((step, index) => {
    if (step.kind === 'relu') succeed(name, functions.appendElementwise(operations, ALGORITHM.relu, 0, 0));
    else if (step.kind === 'accumulate') succeed(name, functions.appendSum(operations));
    else {
      const description = describe(runtime, step.operand);
      succeed(name, functions.appendBinary(operations, step.algorithm, description));
      slots.push({ argument: functions.operandOf(index), name: `operand ${index}`, description });
    }
  });
  succeed(name, functions.attributesSetPostOperations(attributes, operations));
  functions.postOperationsDestroy(operations);
  return { attributes, slots };
}

/** `y = f(x)` for a row of values. Runs on x, y, which may be one array. */
export function map(backend: OneDnnBackend, algorithm: number, length: number, alpha = 0, beta = 0): Primitive {
  return backend.primitives.get('eltwise', [algorithm, alpha, beta, length], () => {
    const name = `eltwise ${algorithm} ${alpha} ${beta} ${length}`;
    const { runtime } = backend;
    const x = dense(runtime, [length]);
    const descriptor = runtime.functions.elementwise(runtime.making(name), 'forward', algorithm, x, alpha, beta);
    return new Primitive(runtime, name, descriptor, [
      { argument: ARGUMENT.source, name: 'x', description: x },
      { argument: ARGUMENT.destination, name: 'y', description: x },
    ]);
  });
}

/** dy where y is above zero, else zero. Runs on y, dy, dx; dx may be dy. */
export function reluGradient(backend: OneDnnBackend, length: number): Primitive {
  return backend.primitives.get('relu gradient', [length], () => {
    const name = `relu gradient ${length}`;
    const { runtime } = backend;
    const { functions } = runtime;
    const x = dense(runtime, [length]);
    const hint = functions.elementwise(runtime.making(name), 'forward', ALGORITHM.reluFromOutput, x, 0, 0);
    try {
      const making = runtime.making(name, { hint });
      const descriptor = functions.elementwise(making, 'gradient', ALGORITHM.reluFromOutput, x, 0, 0);
      return new Primitive(runtime, name, descriptor, [
        { argument: ARGUMENT.destination, name: 'y', description: x },
        { argument: ARGUMENT.destinationGradient, name: 'dy', description: x },
        { argument: ARGUMENT.sourceGradient, name: 'dx', description: x },
      ]);
    } finally {
      functions.descriptorDestroy(hint);
    }
  });
}
