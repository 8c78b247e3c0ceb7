import { OneDnnBackend } from '../plugins/engines/onednn/backend.js';
import {
  type Convolution,
  convolve,
  inputGradient,
  kernelGradient,
  outputShape,
} from '../plugins/engines/onednn/convolution.js';
import { square } from '../plugins/engines/onednn/kernels/geometry.js';
import { loadLibrary } from '../plugins/engines/onednn/library.js';
import { Runtime } from '../plugins/engines/onednn/runtime.js';

// GFLOP/s of the convolutions of VGG-16 at width 0.25, batch 64, beside a square sgemm: fastest of the runs, since other work on a shared machine only adds.
const library = await loadLibrary();
library.setThreads(Number(process.env['OMP_NUM_THREADS'] ?? 2));
const backend = new OneDnnBackend(new Runtime(library));
const filled = (length: number) => Float32Array.from({ length }, (_, index) => Math.sin(index));

function fastest(work: () => void, runs = 60): number {
  work();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

const [T, n] = [78, 1024];
const [a, b, c] = [filled(n * n), filled(n * n), new Float32Array(n * n)];
const peak = fastest(() => void backend.runtime.functions.sgemm(T, T, n, n, n, 1, a, n, b, n, 0, c, n));
console.log(`sgemm ${n}: ${((2 * n ** 3) / peak / 1e6).toFixed(0)} GFLOP/s`);

const layers: [number, number, number][] = [
  [3, 16, 32],
  [16, 16, 32],
  [16, 32, 16],
  [32, 32, 16],
  [32, 64, 8],
  [64, 64, 8],
  [64, 128, 4],
  [128, 128, 4],
  [128, 128, 2],
];
for (const size of [3, 1]) {
  for (const [inputs, outputs, side] of layers) {
    const convolution: Convolution = {
      input: [64, side, side, inputs],
      kernel: [size, size, inputs, outputs],
      window: square(size, 1, size >> 1),
      groups: 1,
    };
    const flops = 2 * 64 * side * side * inputs * outputs * size * size;
    const x = filled(64 * side * side * inputs);
    const kernel = filled(size * size * inputs * outputs);
    const y = filled(outputShape(convolution).reduce((p, v) => p * v, 1));
    const dx = new Float32Array(x.length);
    const dk = new Float32Array(kernel.length);
    const row = [
      fastest(() => convolve(backend, convolution, x, kernel, y)),
      fastest(() => inputGradient(backend, convolution, y, kernel, dx)),
      fastest(() => kernelGradient(backend, convolution, x, y, dk)),
    ];
    console.log(
      `${size}x${size} ${inputs}->${outputs} @${side}`,
      row.map((ms) => `${ms.toFixed(2)} ms ${(flops / ms / 1e6).toFixed(0)}`).join(' | '),
    );
  }
}
