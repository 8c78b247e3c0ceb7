import type { KernelSpec } from '../../contracts/branch-op.js';
import type { RandomStream } from '../../contracts/random.js';

/** Normal with variance 2 / fan-in (He et al. 2015, eq. 10), fan-in counted within one group. */
export function heNormal(shape: readonly [number, number, number, number], random: RandomStream): Float32Array {
  const [height, width, inputs, outputs] = shape;
  const deviation = Math.sqrt(2 / (height * width * inputs));
  return Float32Array.from({ length: height * width * inputs * outputs }, () => deviation * random.normal());
}

/** Uniform in ±1/√inputs, as torch.nn.Linear. */
export function linearUniform(inputs: number, length: number, random: RandomStream): Float32Array {
  const bound = 1 / Math.sqrt(inputs);
  return Float32Array.from({ length }, () => bound * (2 * random.uniform() - 1));
}

const identities = new Map<string, Float32Array>();

/**
 * The 1x1 kernel that hands every channel on, `[1, 1, inputs, outputs]` with inputs those of one group. The same array each time,
 * since every step asks for it: to be read only.
 */
export function identityKernel({ inputs, outputs }: Pick<KernelSpec, 'inputs' | 'outputs'>): Float32Array {
  const key = `${inputs} ${outputs}`;
  let kernel = identities.get(key);
  if (!kernel) {
    kernel = new Float32Array(inputs * outputs);
    for (let output = 0; output < outputs; output++) kernel[(output % inputs) * outputs + output] = 1;
    identities.set(key, kernel);
  }
  return kernel;
}

/** Initial running statistics of a batch-norm: mean 0, variance 1. */
export function freshStatistics(channels: number): Float32Array {
  return new Float32Array(2 * channels).fill(1, channels);
}
