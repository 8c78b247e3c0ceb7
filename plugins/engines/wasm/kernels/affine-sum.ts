import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type AffineSumAttributes, KERNELS } from '../../../../core/engine/index.js';
import { ChannelLoops } from './channel-loops.js';
import { allocate, heapKernel, values } from './heap.js';

export const affineSum = heapKernel<Readonly<Record<string, TensorInfo>>, AffineSumAttributes>(
  KERNELS.affineSum,
  (backend, inputs, { branches, relu }) => {
    const loops = ChannelLoops.of(backend);
    const tensors = Object.values(inputs);
    const y = allocate(backend, (tensors[0] as TensorInfo).shape);
    for (const [index, u] of tensors.slice(0, branches).entries()) {
      const scale = values(backend, tensors[branches + index] as TensorInfo);
      if (index === 0) loops.affine(u, scale, values(backend, tensors[2 * branches] as TensorInfo), y);
      else loops.addScaled(u, scale, y);
    }
    if (relu) loops.rectify(y);
    return y;
  },
);
