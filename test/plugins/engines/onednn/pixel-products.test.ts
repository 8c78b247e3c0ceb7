import { OneDnnBackend } from '../../../../plugins/engines/onednn/backend.js';
import { convolve, inputGradient, kernelGradient } from '../../../../plugins/engines/onednn/convolution.js';
import { type Convolution, outputShape } from '../../../../plugins/engines/onednn/convolution-shape.js';
import { sizeOf } from '../../../../plugins/engines/onednn/kernels/geometry.js';
import { loadLibrary } from '../../../../plugins/engines/onednn/ffi/library.js';
import { addProducts } from '../../../../plugins/engines/onednn/matrix.js';
import {
  convolveByPixels,
  inputGradientByPixels,
  isOfFewPixels,
  kernelGradientByPixels,
} from '../../../../plugins/engines/onednn/pixel-products.js';
import { Runtime } from '../../../../plugins/engines/onednn/runtime.js';
import { here } from './here.js';

const filled = (shape: readonly number[], seed: number): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(index * 1.7 + seed));

/** 4x3 pixels, few enough channels for oneDNN's own convolutions. */
const convolution = (
  size: readonly [number, number],
  padding: readonly [number, number],
  dilation: readonly [number, number] = [1, 1],
): Convolution => ({
  input: [5, 4, 3, 6],
  kernel: [...size, 6, 7],
  groups: 1,
  window: { size, stride: [1, 1], dilation, before: padding, after: padding },
});

const CASES = {
  '3x3': convolution([3, 3], [1, 1]),
  '3x3, without padding': convolution([3, 3], [0, 0]),
  '5x5, larger than the maps': convolution([5, 5], [2, 2]),
  '1x3': convolution([1, 3], [0, 1]),
  '3x1': convolution([3, 1], [1, 0]),
  '2x2, taps apart': convolution([2, 2], [1, 1], [2, 2]),
};

for (const [title, given] of Object.entries(CASES)) {
  here(`${title}: products by pixels give what convolutions do`, async (t) => {
    const backend = new OneDnnBackend(new Runtime(await loadLibrary()));
    t.teardown(() => backend.dispose());
    t.false(isOfFewPixels(backend, given, 'forward'));
    const [x, kernel, dy] = [filled(given.input, 1), filled(given.kernel, 2), filled(outputShape(given), 3)];
    const bias = filled([given.kernel[3]], 4);
    const agree = (length: number, one: (to: Float32Array) => void, other: (to: Float32Array) => void): void => {
      const [a, b] = [new Float32Array(length), new Float32Array(length)];
      one(a);
      other(b);
      const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      t.true(largest > 0.1);
      t.true(a.every((value, at) => Math.abs(value - (b[at] as number)) <= 1e-5 * largest));
    };
    agree(
      dy.length,
      (y) => convolve(backend, given, x, kernel, y, bias),
      (y) => convolveByPixels(backend, given, x, kernel, y, bias),
    );
    agree(
      x.length,
      (dx) => inputGradient(backend, given, dy, kernel, dx),
      (dx) => inputGradientByPixels(backend, given, dy, kernel, dx),
    );
    agree(
      kernel.length,
      (dkernel) => kernelGradient(backend, given, x, dy, dkernel),
      (dkernel) => kernelGradientByPixels(backend, given, x, dy, dkernel),
    );
  });
}

here('a product refuses blocks that leave their arrays', async (t) => {
  const backend = new OneDnnBackend(new Runtime(await loadLibrary()));
  t.teardown(() => backend.dispose());
  const block = (length: number, start: number, stride: number) => ({
    values: new Float32Array(length),
    start,
    stride,
  });
  addProducts(backend, (add) => {
    t.notThrows(() => add([2, 3, 4], block(7, 0, 4), block(12, 0, 4), block(8, 0, 4), 'neither'));
    t.throws(() => add([2, 3, 4], block(6, 0, 4), block(12, 0, 4), block(8, 0, 4), 'neither'), {
      message: /a asks for 2 rows of 3/,
    });
    t.throws(() => add([2, 3, 4], block(7, 0, 4), block(12, 1, 4), block(8, 0, 4), 'neither'), {
      message: /b asks for 3 rows of 4/,
    });
    t.throws(() => add([2, 3, 4], block(7, 0, 4), block(12, 0, 4), block(8, 0, 3), 'neither'), {
      message: /c asks for 2 rows of 4/,
    });
  });
});
