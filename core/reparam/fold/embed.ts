import type { Kernel64 } from '../../contracts/kernel.js';

/** Transform VI (Ding et al. 2021, section 3.2): a smaller kernel, square or not, in the middle of a KxK one of zeros. @throws Error if it is larger, or its centre is not a pixel. */
export function embed(kernel: Kernel64, size: number): Kernel64 {
  const [height, width, inputs, outputs] = kernel.shape;
  if (height > size || width > size || (size - height) % 2 === 1 || (size - width) % 2 === 1) {
    throw new Error(`a ${height}x${width} kernel has no place in the middle of a ${size}x${size} one`);
  }
  const [top, left] = [(size - height) / 2, (size - width) / 2];
  const row = width * inputs * outputs;
  const data = new Float64Array(size * size * inputs * outputs);
  for (let h = 0; h < height; h++) {
    data.set(kernel.data.subarray(h * row, (h + 1) * row), ((top + h) * size + left) * inputs * outputs);
  }
  return { shape: [size, size, inputs, outputs], data };
}
