import type * as tf from '@tensorflow/tfjs-core';
import { type BranchNormAttributes, KERNELS } from '../../../../core/ops/kernels.js';
import { ALGORITHM } from '../abi.js';
import type { OneDnnBackend } from '../backend.js';
import { binary, imagesOf, plus, RELU, reluGradient } from '../elementwise.js';
import { normalization, normalizationGradient } from '../normalization.js';
import { type Shape4, sizeOf } from './geometry.js';
import { kernel } from './register.js';
import { expectShape, shape4 } from './shapes.js';

/** The inputs by what they are, checked. */
interface Branches {
  readonly shape: Shape4;
  readonly us: readonly Float32Array[];
  readonly gammas: readonly Float32Array[];
  readonly betas: readonly Float32Array[];
  readonly gates: Float32Array;
}

function read(
  backend: OneDnnBackend,
  name: string,
  inputs: readonly tf.TensorInfo[],
  { branches }: BranchNormAttributes,
): Branches {
  const shape = shape4(name, 'u_0', inputs[0]?.shape ?? []);
  const part = (first: number, count: number, argument: string, expected: readonly number[]): Float32Array[] =>
    Array.from({ length: count }, (_, index) => {
      const label = `${argument}_${index}`;
      const tensor = inputs[first + index];
      if (!tensor)
        throw new Error(`${name}: ${label} is missing; ${branches} branches need ${3 * branches + 1} inputs`);
      expectShape(name, label, tensor.shape, expected);
      return backend.floats(tensor, name, label);
    });
  return {
    shape,
    us: part(0, branches, 'u', shape),
    gammas: part(branches, branches, 'gamma', [shape[3]]),
    betas: part(2 * branches, branches, 'beta', [shape[3]]),
    gates: part(3 * branches, 1, 'gates', [branches])[0] as Float32Array,
  };
}

/** A branch's scale and shift with its gate in both: `[2,C]`. */
function fillAffine(affine: Float32Array, gamma: Float32Array, beta: Float32Array, gate: number): void {
  const count = gamma.length;
  for (let channel = 0; channel < count; channel++) {
    affine[channel] = (gamma[channel] as number) * gate;
    affine[count + channel] = (beta[channel] as number) * gate;
  }
}

const forward = kernel<readonly tf.TensorInfo[], BranchNormAttributes>(
  KERNELS.branchNorm,
  (backend, inputs, attributes) => {
    const { branches, epsilon, relu } = attributes;
    const { shape, us, gammas, betas, gates } = read(backend, KERNELS.branchNorm, inputs, attributes);
    const [count, size] = [shape[3], sizeOf(shape)];
    const y = backend.output(shape);
    const moments = us.map(() => backend.output([2, count]));
    const affine = backend.pool.acquire(2 * count);
    const normalise = (index: number, to: Float32Array, activate: boolean): void => {
      fillAffine(affine, gammas[index] as Float32Array, betas[index] as Float32Array, gates[index] as number);
      const statistics = (moments[index] as { values: Float32Array }).values;
      const operation = normalization(backend, { shape, epsilon }, activate);
      const [u, mean, variance] = [
        us[index] as Float32Array,
        statistics.subarray(0, count),
        statistics.subarray(count),
      ];
      if (!activate) {
        operation.run(u, affine, mean, variance, to);
        return;
      }
      const bytes = operation.bytes(5);
      backend.scratch(Math.ceil(bytes / 4), (workspace) =>
        operation.run(u, affine, mean, variance, to, new Uint8Array(workspace.buffer, 0, bytes)),
      );
    };
    if (branches === 1) normalise(0, y.values, relu);
    else {
      const parts = us.map(() => backend.pool.acquire(size));
      for (const [index, part] of parts.entries()) normalise(index, part, false);
      const extent = imagesOf(shape);
      const then = [...parts.slice(2).map(() => plus(extent)), ...(relu ? [RELU] : [])];
      binary(backend, ALGORITHM.add, extent, extent, then).run(...parts, y.values);
      for (const part of parts) backend.pool.release(part);
    }
    backend.pool.release(affine);
    return [y.info, ...moments.map(({ info }) => info)];
  },
);

/** The formulas stand with the composed form. */
const gradient = kernel<readonly tf.TensorInfo[], BranchNormAttributes>(
  KERNELS.branchNormGradient,
  (backend, [dyInfo, yInfo, ...rest], attributes) => {
    const name = KERNELS.branchNormGradient;
    const { branches, epsilon, relu } = attributes;
    const { shape, us, gammas, betas, gates } = read(backend, name, rest, attributes);
    const [count, size] = [shape[3], sizeOf(shape)];
    const moments = rest.slice(3 * branches + 1);
    if (!dyInfo || !yInfo || moments.length !== branches)
      throw new Error(`${name}: found ${moments.length} moments for ${branches} branches`);
    expectShape(name, 'dy', dyInfo.shape, shape);
    expectShape(name, 'y', yInfo.shape, shape);
    const dy = backend.floats(dyInfo, name, 'dy');
    const g = relu ? backend.pool.acquire(size) : dy;
    if (relu) reluGradient(backend, size).run(backend.floats(yInfo, name, 'y'), dy, g);
    const affine = backend.pool.acquire(2 * count);
    const sums = backend.pool.acquire(2 * count);
    const dus = us.map(() => backend.output(shape));
    const [dgammas, dbetas] = [us.map(() => backend.output([count])), us.map(() => backend.output([count]))];
    const dgates = backend.output([branches]);
    const operation = normalizationGradient(backend, { shape, epsilon });
    for (const [index, u] of us.entries()) {
      const [gamma, beta] = [gammas[index] as Float32Array, betas[index] as Float32Array];
      const gate = gates[index] as number;
      const info = moments[index] as tf.TensorInfo;
      expectShape(name, `moments_${index}`, info.shape, [2, count]);
      const statistics = backend.floats(info, name, `moments_${index}`);
      fillAffine(affine, gamma, beta, gate);
      const du = (dus[index] as { values: Float32Array }).values;
      operation.run(u, affine, statistics.subarray(0, count), statistics.subarray(count), g, du, sums);
      const dgamma = (dgammas[index] as { values: Float32Array }).values;
      const dbeta = (dbetas[index] as { values: Float32Array }).values;
      let dgate = 0;
      for (let channel = 0; channel < count; channel++) {
        const [product, sum] = [sums[channel] as number, sums[count + channel] as number];
        dgamma[channel] = product * gate;
        dbeta[channel] = sum * gate;
        dgate += product * (gamma[channel] as number) + sum * (beta[channel] as number);
      }
      dgates.values[index] = dgate;
    }
    for (const array of relu ? [g, affine, sums] : [affine, sums]) backend.pool.release(array);
    return [...dus, ...dgammas, ...dbetas, dgates].map(({ info }) => info);
  },
);

export const branchNorms = [forward, gradient];
