import type { Kernel64 } from '../../contracts/kernel.js';

/** A kernel with its taps `dilation` pixels apart and zeros between them: a 3x3 one at dilation 2 is a 5x5 one. */
export function dilate({ shape, data }: Kernel64, dilation: number): Kernel64 {
  const [height, width, inputs, outputs] = shape;
  const [rows, columns] = [(height - 1) * dilation + 1, (width - 1) * dilation + 1];
  const tap = inputs * outputs;
  const spread = new Float64Array(rows * columns * tap);
  for (let h = 0; h < height; h++) {
    for (let w = 0; w < width; w++) {
      const from = (h * width + w) * tap;
      spread.set(data.subarray(from, from + tap), (h * dilation * columns + w * dilation) * tap);
    }
  }
  return { shape: [rows, columns, inputs, outputs], data: spread };
}
