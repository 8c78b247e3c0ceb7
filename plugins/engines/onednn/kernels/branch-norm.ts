import type * as tf from '@tensorflow/tfjs-core';
import { type BranchNormAttributes, KERNELS } from '../../../../core/engine/kernels.js';
import type { OneDnnBackend } from '../backend.js';
import { binary, RELU, reluGradient, row } from '../elementwise.js';
import { ALGORITHM } from '../ffi/constants.js';
import { rectifyInLoop } from '../finite.js';
import { normalization, normalizationGradient } from '../normalization.js';
import { type Shape4, sizeOf } from './geometry.js';
import { kernel } from './register.js';
import { expectShape, shape4 } from './shapes.js';
import { bytesOf, workspaceOf } from './workspace.js';

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
  if (inputs.length < 3 * branches + 1)
    throw new Error(`${name}: found ${inputs.length} inputs; ${branches} branches need ${3 * branches + 1}`);
  const part = (first: number, count: number, argument: string, expected: readonly number[]): Float32Array[] =>
    inputs.slice(first, first + count).map((tensor, index) => {
      const label = `${argument}_${index}`;
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

/**
 * From Σ g·û and Σ g of each channel, in a row: writes the gradients of γ and β and gives the gate's. Of its own, as are other loops
 * of these kernels, because V8 is slow to compile the long functions around them, and numbers are objects until then.
 */
function affineGradients(
  sums: Float32Array,
  gamma: Float32Array,
  beta: Float32Array,
  gate: number,
  dgamma: Float32Array,
  dbeta: Float32Array,
): number {
  const count = gamma.length;
  let dgate = 0;
  for (let channel = 0; channel < count; channel++) {
    const product = sums[channel] as number;
    const sum = sums[count + channel] as number;
    dgamma[channel] = product * gate;
    dbeta[channel] = sum * gate;
    dgate += product * (gamma[channel] as number) + sum * (beta[channel] as number);
  }
  return dgate;
}

const WORKSPACE = 5;

/** Beyond it sums of branches may overflow. */
const LARGEST = 1e30;

function isOrdinary(values: Float32Array): boolean {
  for (let at = 0; at < values.length; at++) if (!(Math.abs(values[at] as number) < LARGEST)) return false;
  return true;
}

/** The sum of all branches, value by value, from the moments that were found. */
function normaliseWithoutRelu(
  { us, gammas, betas, gates }: Branches,
  epsilon: number,
  moments: readonly Float32Array[],
  y: Float32Array,
): void {
  y.fill(0);
  for (const [index, u] of us.entries()) {
    const [gamma, beta] = [gammas[index] as Float32Array, betas[index] as Float32Array];
    const [found, gate, count] = [moments[index] as Float32Array, gates[index] as number, gamma.length];
    for (let at = 0; at < u.length; at++) {
      const channel = at % count;
      const deviation = Math.sqrt((found[count + channel] as number) + epsilon);
      const normal = ((u[at] as number) - (found[channel] as number)) / deviation;
      y[at] = (y[at] as number) + gate * ((gamma[channel] as number) * normal + (beta[channel] as number));
    }
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
    const affine = backend.borrow(2 * count);
    const fused = branches === 1 && relu;
    const operation = normalization(backend, { shape, epsilon }, fused);
    const normalise = (index: number, to: Float32Array, workspace: readonly Uint8Array[] = []): void => {
      fillAffine(affine, gammas[index] as Float32Array, betas[index] as Float32Array, gates[index] as number);
      const statistics = (moments[index] as { values: Float32Array }).values;
      const [mean, variance] = [statistics.subarray(0, count), statistics.subarray(count)];
      operation.run(us[index] as Float32Array, affine, mean, variance, to, ...workspace);
    };
    if (fused) {
      const positive = workspaceOf(backend, operation, WORKSPACE);
      normalise(0, y.values, [bytesOf(positive, operation, WORKSPACE)]);
      backend.attach(y.info, operation.name, positive);
    } else {
      normalise(0, y.values);
      const extent = row(size);
      const own = branches > 1 ? backend.borrow(size) : affine;
      for (let index = 1; index < branches; index++) {
        normalise(index, own);
        const last = index === branches - 1;
        binary(backend, ALGORITHM.add, extent, extent, last && relu ? [RELU] : []).run(y.values, own, y.values);
      }
      if (branches > 1) backend.giveBack(own);
    }
    // A NaN among the images is one in the moments; the library's ReLU would let it out as 0.
    const statistics = moments.map(({ values }) => values);
    if (relu && ![...statistics, ...gammas, ...betas, gates].every(isOrdinary)) {
      normaliseWithoutRelu({ shape, us, gammas, betas, gates }, epsilon, statistics, y.values);
      rectifyInLoop(y.values, y.values);
    }
    backend.giveBack(affine);
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
    const normalised = normalization(backend, { shape, epsilon }, relu && branches === 1);
    const positive = backend.attached(yInfo, normalised.name);
    const masked = relu && !positive ? backend.borrow(size) : undefined;
    if (masked) reluGradient(backend, size).run(backend.floats(yInfo, name, 'y'), dy, masked);
    const g = masked ?? dy;
    const workspace = positive ? [bytesOf(positive, normalised, WORKSPACE)] : [];
    const affine = backend.borrow(2 * count);
    const sums = backend.borrow(2 * count);
    const dus = us.map(() => backend.output(shape));
    const [dgammas, dbetas] = [us.map(() => backend.output([count])), us.map(() => backend.output([count]))];
    const dgates = backend.output([branches]);
    const operation = normalizationGradient(backend, { shape, epsilon }, positive !== undefined);
    for (const [index, u] of us.entries()) {
      const [gamma, beta] = [gammas[index] as Float32Array, betas[index] as Float32Array];
      const gate = gates[index] as number;
      const info = moments[index] as tf.TensorInfo;
      expectShape(name, `moments_${index}`, info.shape, [2, count]);
      const statistics = backend.floats(info, name, `moments_${index}`);
      fillAffine(affine, gamma, beta, gate);
      const du = (dus[index] as { values: Float32Array }).values;
      operation.run(u, affine, statistics.subarray(0, count), statistics.subarray(count), g, du, sums, ...workspace);
      const dgamma = (dgammas[index] as { values: Float32Array }).values;
      const dbeta = (dbetas[index] as { values: Float32Array }).values;
      dgates.values[index] = affineGradients(sums, gamma, beta, gate, dgamma, dbeta);
    }
    for (const array of [affine, sums, ...(masked ? [masked] : [])]) backend.giveBack(array);
    return [...dus, ...dgammas, ...dbetas, dgates].map(({ info }) => info);
  },
);

export const branchNorms = [forward, gradient];
