import type { FoldedConvolution } from '../../contracts/kernel.js';
import { foldConcat, splitGroups } from './concat.js';
import { addProduct } from './product.js';

/**
 * Transform III (Ding et al. 2021, eq. 5 to 7): a 1x1 convolution and a KxK one behind it are one,
 * F'[h,w,i,o] = Σ_t F1[i,t]·F2[h,w,t,o] with bias Σ_{h,w,t} b1[t]·F2[h,w,t,o] + b2[o]. Exact when what pads the map between
 * the two is b1, the first one's answer to a zero input. Groups are folded one by one and put together by transform IV.
 * @throws Error if the first is not 1x1 or the channels do not fit.
 */
export function foldSequence(first: FoldedConvolution, second: FoldedConvolution, groups: number): FoldedConvolution {
  const [height, width, , middle] = first.kernel.shape;
  const expected = second.kernel.shape[2] * groups;
  if (height !== 1 || width !== 1 || middle !== expected) {
    throw new Error(
      `a kernel of [${first.kernel.shape}] before one of [${second.kernel.shape}] in ${groups} groups; expected a 1x1 kernel with ${expected} outputs`,
    );
  }
  const firsts = splitGroups(first, groups);
  const seconds = splitGroups(second, groups);
  return foldConcat(firsts.map((group, at) => foldGroup(group, seconds[at] as FoldedConvolution)));
}

function foldGroup(first: FoldedConvolution, second: FoldedConvolution): FoldedConvolution {
  const [, , inputs, middle] = first.kernel.shape;
  const [height, width, , outputs] = second.kernel.shape;
  const data = new Float64Array(height * width * inputs * outputs);
  const bias = second.bias.slice();
  for (let pixel = 0; pixel < height * width; pixel++) {
    const taps = second.kernel.data.subarray(pixel * middle * outputs, (pixel + 1) * middle * outputs);
    const folded = data.subarray(pixel * inputs * outputs, (pixel + 1) * inputs * outputs);
    addProduct(folded, first.kernel.data, taps, { rows: inputs, inner: middle, columns: outputs });
    addProduct(bias, first.bias, taps, { rows: 1, inner: middle, columns: outputs });
  }
  return { kernel: { shape: [height, width, inputs, outputs], data }, bias };
}
