import type { FusedConvolution, SubsampleNode } from '../../core/contracts/index.js';

/** Picking pixels and moving channels, as formats without a layer for it have it: a strided 1x1 convolution of zeros and ones, HWIO. */
export function subsampleKernel({ inChannels, outChannels }: SubsampleNode): Omit<FusedConvolution, 'bias'> {
  const kernel = new Float32Array(inChannels * outChannels);
  const before = (outChannels - inChannels) >> 1;
  for (let channel = 0; channel < inChannels; channel++) kernel[channel * outChannels + before + channel] = 1;
  return { shape: [1, 1, inChannels, outChannels], kernel };
}
