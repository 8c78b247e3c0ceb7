import type { TensorInfo } from '@tensorflow/tfjs-core';
import { KERNELS, type MomentumStepAttributes, type SquaredNormAttributes } from '../../../../core/engine/index.js';
import { ChannelLoops } from './channel-loops.js';
import { allocate, create, heapKernel, view } from './heap.js';

type StepInputs = Record<'parameter' | 'gradient' | 'velocity' | 'scale', TensorInfo>;

const momentumStep = heapKernel<StepInputs, MomentumStepAttributes>(
  KERNELS.momentumStep,
  (backend, { parameter, gradient, velocity, scale }, attributes) => {
    const [newParameter, newVelocity] = [allocate(backend, parameter.shape), allocate(backend, parameter.shape)];
    const factor = view(backend, scale)[0] as number;
    const tensors = [parameter, gradient, velocity, newParameter, newVelocity] as const;
    ChannelLoops.of(backend).momentumStep(tensors, factor, attributes);
    return [newParameter, newVelocity];
  },
);

const squaredNorm = heapKernel<Readonly<Record<string, TensorInfo>>, SquaredNormAttributes>(
  KERNELS.squaredNorm,
  (backend, inputs) => {
    const loops = ChannelLoops.of(backend);
    const sum = Object.values(inputs).reduce((total, tensor) => total + loops.squares(tensor), 0);
    return create(backend, [], [sum]);
  },
);

export const optimizerSteps = [momentumStep, squaredNorm];
