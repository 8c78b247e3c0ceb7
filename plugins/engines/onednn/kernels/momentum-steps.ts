import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type MomentumStepAttributes, type MomentumStepsAttributes } from '../../../../core/ops/kernels.js';
import { ALGORITHM } from '../abi.js';
import type { OneDnnBackend } from '../backend.js';
import { binary, plus, row, SCALAR, type Then, times } from '../elementwise.js';
import { kernel } from './register.js';
import { expectShape } from './shapes.js';

/** From here on calls of the library beat a loop. */
const LARGE = 4096;
/** Values that are moved at once: what the first call of the library wrote is still in the cache for the second. */
const BLOCK = 2 ** 16;

interface Inputs {
  readonly parameter: tf.TensorInfo;
  readonly gradient: tf.TensorInfo;
  readonly velocity: tf.TensorInfo;
  readonly scale: tf.TensorInfo;
}

/** The values of one parameter, and where the new ones go: over the old ones, or elsewhere. */
interface State {
  readonly parameter: Float32Array;
  readonly gradient: Float32Array;
  readonly velocity: Float32Array;
  readonly next: Float32Array;
  readonly moved: Float32Array;
}

const momentumStep = kernel<Inputs, MomentumStepAttributes>(KERNELS.momentumStep, (backend, inputs, attributes) => {
  const { shape } = inputs.parameter;
  const { scale, ...values } = read(backend, KERNELS.momentumStep, inputs);
  const [next, moved] = [backend.output(shape), backend.output(shape)];
  move(backend, { ...values, next: next.values, moved: moved.values }, scale, attributes);
  return [next.info, moved.info];
});

/** Writes over parameters and velocities, unless other tensors share their data. */
const momentumSteps = kernel<readonly tf.TensorInfo[], MomentumStepsAttributes>(
  KERNELS.momentumSteps,
  (backend, inputs, { weightDecays, ...attributes }) => {
    const name = KERNELS.momentumSteps;
    const count = weightDecays.length;
    const [scale, ...rest] = Object.values(inputs);
    if (!scale || rest.length !== 3 * count)
      throw new Error(`${name}: found ${rest.length + 1} inputs; ${count} parameters need ${3 * count + 1}`);
    const of = (part: number, index: number) => rest[part * count + index] as tf.TensorInfo;
    // All are looked at before the first is moved.
    const all = weightDecays.map((weightDecay, index) => {
      const own = { parameter: of(0, index), gradient: of(1, index), velocity: of(2, index), scale };
      return { own, values: read(backend, name, own), attributes: { ...attributes, weightDecay } };
    });
    const overwrites = all.every(({ own }) => !backend.shares(own.parameter) && !backend.shares(own.velocity));
    const outputs = all.map(({ own, values: { scale: factor, ...values }, attributes: each }) => {
      const { parameter, velocity } = own;
      const [next, moved] = [parameter, velocity].map((tensor) =>
        overwrites ? { info: tensor, values: backend.overwritten(tensor) } : backend.output(tensor.shape),
      ) as [ReturnType<OneDnnBackend['output']>, ReturnType<OneDnnBackend['output']>];
      move(backend, { ...values, next: next.values, moved: moved.values }, factor, each);
      return [next.info, moved.info] as const;
    });
    return overwrites ? [] : [...outputs.map(([next]) => next), ...outputs.map(([, moved]) => moved)];
  },
);

function read(
  backend: OneDnnBackend,
  name: string,
  inputs: Inputs,
): Pick<State, 'parameter' | 'gradient' | 'velocity'> & { readonly scale: number } {
  const { shape } = inputs.parameter;
  const values = (input: keyof Inputs, expected: readonly number[]): Float32Array => {
    expectShape(name, input, inputs[input].shape, expected);
    return backend.floats(inputs[input], name, input);
  };
  return {
    parameter: values('parameter', shape),
    gradient: values('gradient', shape),
    velocity: values('velocity', shape),
    scale: values('scale', [])[0] as number,
  };
}

function move(backend: OneDnnBackend, state: State, scale: number, attributes: MomentumStepAttributes): void {
  const { length } = state.next;
  // What is divided by below.
  const divisible = scale > 0 && attributes.momentum > 0 && Number.isFinite(scale);
  if (length < LARGE || !divisible) {
    moveInLoop(state, scale, attributes);
    return;
  }
  for (let from = 0; from < length; from += BLOCK) {
    const part = (values: Float32Array): Float32Array => values.subarray(from, Math.min(length, from + BLOCK));
    const moved = part(state.moved);
    const block = { parameter: part(state.parameter), gradient: part(state.gradient), next: part(state.next) };
    const velocity = part(state.velocity);
    if (!attributes.nesterov || state.moved !== state.velocity)
      moveInPasses(backend, { ...block, velocity, moved }, scale, attributes);
    else
      backend.scratch(moved.length, (apart) => {
        // The second pass reads the old velocity beside the new one.
        moveInPasses(backend, { ...block, velocity, moved: apart }, scale, attributes);
        moved.set(apart);
      });
  }
}

/**
 * The same in two passes of the library. The rates are operands, since they change with every step:
 * v' = ((p·d/s + g)·s/m + v)·m and, with Nesterov, p' = (v·(−m/(1+m)) + v')·(−η(1+m)) + p, without p' = v'·(−η) + p.
 */
function moveInPasses(
  backend: OneDnnBackend,
  { parameter, gradient, velocity, next, moved }: State,
  scale: number,
  { learningRate, momentum, weightDecay, nesterov }: MomentumStepAttributes,
): void {
  const all = row(next.length);
  const number = (value: number): Float32Array => Float32Array.of(value);
  const multiply = (then: readonly Then[]) => binary(backend, ALGORITHM.multiply, all, SCALAR, then);
  if (weightDecay === 0 && scale === 1) multiply([plus(all)]).run(velocity, number(momentum), gradient, moved);
  else
    multiply([plus(all), times(SCALAR), plus(all), times(SCALAR)]).run(
      ...[parameter, number(weightDecay / scale), gradient, number(scale / momentum), velocity],
      ...[number(momentum), moved],
    );
  if (!nesterov) multiply([plus(all)]).run(moved, number(-learningRate), parameter, next);
  else
    multiply([plus(all), times(SCALAR), plus(all)]).run(
      ...[velocity, number(-momentum / (1 + momentum)), moved, number(-learningRate * (1 + momentum)), parameter, next],
    );
}

function moveInLoop(
  { parameter, gradient, velocity, next, moved }: State,
  scale: number,
  { learningRate, momentum, weightDecay, nesterov }: MomentumStepAttributes,
): void {
  for (let at = 0; at < parameter.length; at++) {
    const p = parameter[at] as number;
    const g = scale * (gradient[at] as number) + weightDecay * p;
    const v = momentum * (velocity[at] as number) + g;
    moved[at] = v;
    next[at] = p - learningRate * (nesterov ? g + momentum * v : v);
  }
}

export const momentumStepping = [momentumStep, momentumSteps];
