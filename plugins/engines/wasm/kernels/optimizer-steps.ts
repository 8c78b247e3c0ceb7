import type { TensorInfo } from '@tensorflow/tfjs-core';
import { KERNELS, type MomentumStepAttributes, type SquaredNormAttributes } from '../../../../core/ops/index.js';
import { allocate, create, heapKernel, view } from './heap.js';

type StepInputs = Record<'parameter' | 'gradient' | 'velocity' | 'scale', TensorInfo>;

const momentumStep = heapKernel<StepInputs, MomentumStepAttributes>(
  KERNELS.momentumStep,
  (backend, inputs, { learningRate, momentum, weightDecay, nesterov }) => {
    const outputs = [allocate(backend, inputs.parameter.shape), allocate(backend, inputs.parameter.shape)] as const;
    const [newParameter, newVelocity] = outputs.map((tensor) => view(backend, tensor)) as [Float32Array, Float32Array];
    const [parameter, gradient, velocity] = [inputs.parameter, inputs.gradient, inputs.velocity].map((tensor) =>
      view(backend, tensor),
    ) as [Float32Array, Float32Array, Float32Array];
    const scale = view(backend, inputs.scale)[0] as number;
    for (let i = 0; i < parameter.length; i++) {
      const value = parameter[i] as number;
      const g = scale * (gradient[i] as number) + weightDecay * value;
      const moved = momentum * (velocity[i] as number) + g;
      newVelocity[i] = moved;
      newParameter[i] = value - learningRate * (nesterov ? g + momentum * moved : moved);
    }
    return [...outputs];
  },
);

const squaredNorm = heapKernel<Readonly<Record<string, TensorInfo>>, SquaredNormAttributes>(
  KERNELS.squaredNorm,
  (backend, inputs) => {
    let sum = 0;
    for (const tensor of Object.values(inputs)) {
      const values = view(backend, tensor);
      for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
    }
    return create(backend, [], [sum]);
  },
);

export const optimizerSteps = [momentumStep, squaredNorm];
