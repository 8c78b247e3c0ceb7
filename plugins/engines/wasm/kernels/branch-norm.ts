import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type BranchNormAttributes, KERNELS } from '../../../../core/engine/index.js';
import { ChannelLoops, type PerChannel } from './channel-loops.js';
import { allocate, create, heapKernel, values } from './heap.js';

type Inputs = Readonly<Record<string, TensorInfo>>;

interface Branch {
  readonly u: TensorInfo;
  readonly gamma: PerChannel;
  readonly beta: PerChannel;
  readonly gate: number;
}

const part = (tensors: readonly TensorInfo[], index: number, branches: number): readonly TensorInfo[] =>
  tensors.slice(index * branches, (index + 1) * branches);

function branchesOf(backend: BackendWasm, tensors: readonly TensorInfo[], branches: number): Branch[] {
  const [gammas, betas] = [part(tensors, 1, branches), part(tensors, 2, branches)];
  const gates = values(backend, tensors[3 * branches] as TensorInfo);
  return part(tensors, 0, branches).map((u, index) => ({
    u,
    gamma: values(backend, gammas[index] as TensorInfo),
    beta: values(backend, betas[index] as TensorInfo),
    gate: gates[index] as number,
  }));
}

const inverseDeviation = (variance: PerChannel, epsilon: number): PerChannel =>
  variance.map((value) => 1 / Math.sqrt(value + epsilon));

/** A branch's moments, then its share of the sum. */
const forward = heapKernel<Inputs, BranchNormAttributes>(
  KERNELS.branchNorm,
  (backend, inputs, { branches: count, epsilon, relu }) => {
    const loops = ChannelLoops.of(backend);
    const branches = branchesOf(backend, Object.values(inputs), count);
    const { shape } = (branches[0] as Branch).u;
    const y = allocate(backend, shape);
    const moments = branches.map(({ u }) => loops.moments(u));
    const scales = branches.map(({ gamma, gate }, index) => {
      const inverse = inverseDeviation(moments[index]?.variance as PerChannel, epsilon);
      return gamma.map((value, c) => gate * value * (inverse[c] as number));
    });
    const shift = new Float64Array(shape[3] as number);
    for (const [index, { beta, gate }] of branches.entries()) {
      const [scale, mean] = [scales[index] as PerChannel, moments[index]?.mean as PerChannel];
      for (const [c, value] of beta.entries())
        shift[c] = (shift[c] as number) + gate * value - (mean[c] as number) * (scale[c] as number);
    }
    for (const [index, { u }] of branches.entries()) {
      if (index === 0) loops.affine(u, scales[index] as PerChannel, shift, y);
      else loops.addScaled(u, scales[index] as PerChannel, y);
    }
    if (relu) loops.rectify(y);
    return [y, ...moments.map(({ mean, variance }) => create(backend, [2, mean.length], [...mean, ...variance]))];
  },
);

/** As the composed form, with du_b = a·g + b·u_b + c, three values a channel. */
const inputGradients = heapKernel<Inputs, BranchNormAttributes>(
  KERNELS.branchNormGradient,
  (backend, inputs, { branches: count, epsilon, relu }) => {
    const loops = ChannelLoops.of(backend);
    const [dy, y, ...rest] = Object.values(inputs) as [TensorInfo, TensorInfo, ...TensorInfo[]];
    const branches = branchesOf(backend, rest, count);
    const moments = rest.slice(3 * count + 1).map((tensor) => values(backend, tensor));
    const dus = branches.map(() => allocate(backend, dy.shape));
    // What the activation let pass lies where the last branch's gradient will: that one is written in place.
    const g = relu ? (dus.at(-1) as TensorInfo) : dy;
    if (relu) loops.passed(dy, y, g);
    const d = loops.sums(g);
    const pixels = g.shape.slice(0, 3).reduce((product, length) => product * length, 1);
    const parts = branches.map(({ u, gamma, beta, gate }, index) => {
      const [mean, variance] = halves(moments[index] as PerChannel);
      const inverse = inverseDeviation(variance, epsilon);
      const G = loops
        .products(g, u)
        .map((sum, c) => (sum - (mean[c] as number) * (d[c] as number)) * (inverse[c] as number));
      const ofG = gamma.map((value, c) => gate * value * (inverse[c] as number));
      const ofU = ofG.map((a, c) => (-a * (inverse[c] as number) * (G[c] as number)) / pixels);
      const shift = ofG.map((a, c) => (-a * (d[c] as number)) / pixels - (mean[c] as number) * (ofU[c] as number));
      loops.combine([g, ofG], [u, ofU], shift, dus[index] as TensorInfo);
      const dgate = G.reduce(
        (sum, value, c) => sum + (gamma[c] as number) * value + (beta[c] as number) * (d[c] as number),
        0,
      );
      return { dgamma: G.map((value) => gate * value), dbeta: d.map((value) => gate * value), dgate };
    });
    const channels = [d.length];
    return [
      ...dus,
      ...parts.map(({ dgamma }) => create(backend, channels, dgamma)),
      ...parts.map(({ dbeta }) => create(backend, channels, dbeta)),
      create(
        backend,
        [count],
        parts.map(({ dgate }) => dgate),
      ),
    ];
  },
);

const halves = (moments: PerChannel): [mean: PerChannel, variance: PerChannel] => [
  moments.slice(0, moments.length / 2),
  moments.slice(moments.length / 2),
];

export const branchNorms = [forward, inputGradients];
