import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type MomentumStepAttributes, type MomentumStepsAttributes } from '../../../../core/engine/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { mover, type State } from '../momentum.js';
import { kernel } from './register.js';
import { expectShape } from './shapes.js';

interface Inputs {
  readonly parameter: tf.TensorInfo;
  readonly gradient: tf.TensorInfo;
  readonly velocity: tf.TensorInfo;
  readonly scale: tf.TensorInfo;
}

const momentumStep = kernel<Inputs, MomentumStepAttributes>(
  KERNELS.momentumStep,
  (backend, { parameter, gradient, velocity, scale }, attributes) => {
    const read = reader(backend, KERNELS.momentumStep);
    const given = read.state(parameter, gradient, velocity);
    const move = mover(backend, { ...attributes, scale: read.scale(scale) });
    const [next, moved] = [backend.output(parameter.shape), backend.output(parameter.shape)];
    move({ ...given, next: next.values, moved: moved.values });
    return [next.info, moved.info];
  },
);

/** Writes over parameters and velocities, unless other tensors share their data. */
const momentumSteps = kernel<readonly tf.TensorInfo[], MomentumStepsAttributes>(
  KERNELS.momentumSteps,
  (backend, inputs, { weightDecays, ...attributes }) => {
    const name = KERNELS.momentumSteps;
    const count = weightDecays.length;
    if (inputs.length !== 3 * count + 1)
      throw new Error(`${name}: found ${inputs.length} inputs; ${count} parameters need ${3 * count + 1}`);
    const read = reader(backend, name);
    const scale = read.scale(inputs[0] as tf.TensorInfo);
    const of = (part: number, index: number) => inputs[1 + part * count + index] as tf.TensorInfo;
    // All are looked at before the first is moved.
    const given = weightDecays.map((_, index) => read.state(of(0, index), of(1, index), of(2, index)));
    const movers = new Map(
      [...new Set(weightDecays)].map((weightDecay) => [
        weightDecay,
        mover(backend, { ...attributes, weightDecay, scale }),
      ]),
    );
    const written = [...inputs.slice(1, 1 + count), ...inputs.slice(1 + 2 * count)];
    const made = written.some((tensor) => backend.shares(tensor))
      ? written.map(({ shape }) => backend.output(shape))
      : undefined;
    const target = (at: number): Float32Array =>
      made?.[at]?.values ?? backend.overwritten(written[at] as tf.TensorInfo);
    for (let index = 0; index < count; index++) {
      const { parameter, gradient, velocity } = given[index] as Given;
      const [next, moved] = [target(index), target(count + index)];
      movers.get(weightDecays[index] as number)?.({ parameter, gradient, velocity, next, moved });
    }
    return made ? made.map(({ info }) => info) : [];
  },
);

type Given = Pick<State, 'parameter' | 'gradient' | 'velocity'>;

/** Reads inputs, checked. */
function reader(backend: OneDnnBackend, name: string) {
  const values = (argument: string, tensor: tf.TensorInfo, expected: readonly number[]): Float32Array => {
    expectShape(name, argument, tensor.shape, expected);
    return backend.floats(tensor, name, argument);
  };
  return {
    state: (parameter: tf.TensorInfo, gradient: tf.TensorInfo, velocity: tf.TensorInfo): Given => ({
      parameter: values('parameter', parameter, parameter.shape),
      gradient: values('gradient', gradient, parameter.shape),
      velocity: values('velocity', velocity, parameter.shape),
    }),
    scale: (scale: tf.TensorInfo): number => values('scale', scale, [])[0] as number,
  };
}

export const momentumStepping = [momentumStep, momentumSteps];
