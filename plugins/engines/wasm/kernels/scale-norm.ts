import type { TensorInfo } from '@tensorflow/tfjs-core';
import { KERNELS, type ScaleNormAttributes } from '../../../../core/engine/index.js';
import { ChannelLoops } from './channel-loops.js';
import { allocate, create, heapKernel, values } from './heap.js';

const forward = heapKernel<Record<'u' | 'gamma', TensorInfo>, ScaleNormAttributes>(
  KERNELS.scaleNorm,
  (backend, { u, gamma }, { epsilon }) => {
    const loops = ChannelLoops.of(backend);
    const y = allocate(backend, u.shape);
    const { mean, variance } = loops.moments(u);
    const scale = values(backend, gamma).map((value, c) => value / Math.sqrt((variance[c] as number) + epsilon));
    loops.affine(u, scale, new Float64Array(scale.length), y);
    return [y, create(backend, [2, mean.length], [...mean, ...variance])];
  },
);

/** As the composed form, with du = a·dy + b·u + c, three values a channel. */
const inputGradients = heapKernel<Record<'dy' | 'u' | 'gamma' | 'moments', TensorInfo>, ScaleNormAttributes>(
  KERNELS.scaleNormGradient,
  (backend, { dy, u, gamma, moments }, { epsilon }) => {
    const loops = ChannelLoops.of(backend);
    const du = allocate(backend, u.shape);
    const found = values(backend, moments);
    const channels = found.length / 2;
    const pixels = u.shape.slice(0, 3).reduce((product, length) => product * length, 1);
    const inverse = found.slice(channels).map((variance) => 1 / Math.sqrt(variance + epsilon));
    const dgamma = loops.products(dy, u).map((sum, c) => sum * (inverse[c] as number));
    const ofDy = values(backend, gamma).map((value, c) => value * (inverse[c] as number));
    const ofU = ofDy.map((a, c) => (-a * (inverse[c] as number) * (dgamma[c] as number)) / pixels);
    const shift = ofU.map((b, c) => -(found[c] as number) * b);
    loops.combine([dy, ofDy], [u, ofU], shift, du);
    return [du, create(backend, [channels], dgamma)];
  },
);

export const scaleNorms = [forward, inputGradients];
