import type { ExecutionContext } from 'ava';
import { values } from '../../../../core/engine/conformance/values.js';
import { OneDnnBackend } from '../../../../plugins/engines/onednn/backend.js';
import { compiled } from '../../../../plugins/engines/onednn/compiled-convolution.js';
import {
  convolve,
  convolveBiased,
  inputGradient,
  kernelGradient,
} from '../../../../plugins/engines/onednn/convolution.js';
import { type Convolution, outputShape } from '../../../../plugins/engines/onednn/convolution-shape.js';
import { sizeOf } from '../../../../plugins/engines/onednn/kernels/geometry.js';
import { loadLibrary } from '../../../../plugins/engines/onednn/ffi/library.js';
import { Runtime } from '../../../../plugins/engines/onednn/runtime.js';
import { suitsWinogradProducts } from '../../../../plugins/engines/onednn/winograd.js';
import { convolveInTiles, kernelGradientInTiles } from '../../../../plugins/engines/onednn/winograd-products.js';
import { here } from './here.js';

type Shape = readonly [images: number, height: number, width: number, inputs: number, outputs: number];

const same = ([images, height, width, inputs, outputs]: Shape): Convolution => ({
  input: [images, height, width, inputs],
  kernel: [3, 3, inputs, outputs],
  groups: 1,
  window: { size: [3, 3], stride: [1, 1], dilation: [1, 1], before: [1, 1], after: [1, 1] },
});

async function open(t: ExecutionContext): Promise<OneDnnBackend> {
  const backend = new OneDnnBackend(new Runtime(await loadLibrary()));
  t.teardown(() => backend.dispose());
  return backend;
}

/** As on a processor without AVX-512. */
async function narrow(t: ExecutionContext): Promise<OneDnnBackend> {
  const backend = await open(t);
  Object.assign(backend.runtime, { hasAvx512: false, hasWinograd: false });
  return backend;
}

const numbers = (seed: number, shape: readonly number[]): Float32Array =>
  Float32Array.from(values(seed, [...shape], { low: -0.5, high: 0.5 }).data);

function close(t: ExecutionContext, found: Float32Array, expected: Float32Array, what: string): void {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const apart = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - (found[at] ?? Number.NaN))), 0);
  t.true(apart <= 2e-5 * largest, `${what}: ${apart} apart, the largest is ${largest}`);
}

// Channels that fill no vectors, with which oneDNN convolves directly on every processor.
const SHAPES: readonly Shape[] = [
  [3, 8, 8, 33, 50],
  [2, 5, 7, 20, 33],
  [4, 3, 2, 10, 12],
  [1, 1, 1, 3, 2],
  [5, 4, 4, 65, 35],
  // More than fits at a time.
  [23, 17, 18, 70, 71],
];

for (const shape of SHAPES)
  here(
    `a convolution in tiles is what oneDNN's is: ${shape.slice(0, 3).join('x')}, ${shape.slice(3).join(' to ')}`,
    async (t) => {
      const backend = await open(t);
      const convolution = same(shape);
      const output = outputShape(convolution);
      const [x, kernel, dy] = [numbers(1, convolution.input), numbers(2, convolution.kernel), numbers(3, output)];
      const both = (of: readonly number[]) =>
        [new Float32Array(sizeOf(of)), new Float32Array(sizeOf(of)).fill(Number.NaN)] as const;
      const [y, dx, dkernel] = [both(output), both(convolution.input), both(convolution.kernel)];
      compiled(backend, convolution, 'forward').run(backend, [x, kernel, y[0]]);
      convolveInTiles(backend, convolution, 'forward', x, kernel, y[1]);
      close(t, y[1], y[0], 'forward');
      compiled(backend, convolution, 'input').run(backend, [dy, kernel, dx[0]]);
      convolveInTiles(backend, convolution, 'input', dy, kernel, dx[1]);
      close(t, dx[1], dx[0], 'input gradient');
      compiled(backend, convolution, 'kernel').run(backend, [x, dy, dkernel[0]]);
      kernelGradientInTiles(backend, convolution, x, dy, dkernel[1]);
      close(t, dkernel[1], dkernel[0], 'kernel gradient');
    },
  );

here(
  'without AVX-512 convolutions of enough channels and pixels are computed in tiles, bias and activation too',
  async (t) => {
    const [direct, backend] = [await open(t), await narrow(t)];
    // No way but the library's own.
    Object.assign(direct.runtime, { hasAvx512: true, hasWinograd: true });
    const convolution = same([24, 8, 8, 65, 66]);
    const output = outputShape(convolution);
    t.true(suitsWinogradProducts(backend.runtime, convolution));
    t.false(suitsWinogradProducts(direct.runtime, convolution));
    const [x, kernel, dy] = [numbers(1, convolution.input), numbers(2, convolution.kernel), numbers(3, output)];
    const bias = numbers(4, [66]);
    const kept = { dataId: {}, shape: [...convolution.kernel], dtype: 'float32' as const };
    const passes: Record<string, [shape: readonly number[], run: (engine: OneDnnBackend, to: Float32Array) => void]> = {
      plain: [output, (engine, to) => convolve(engine, convolution, x, kernel, to)],
      biased: [output, (engine, to) => convolve(engine, convolution, x, kernel, to, bias)],
      activated: [output, (engine, to) => convolveBiased(engine, convolution, true, [x, kernel, bias], kept, to)],
      inferred: [output, (engine, to) => convolveBiased(engine, convolution, false, [x, kernel, bias], kept, to)],
      'input gradient': [convolution.input, (engine, to) => inputGradient(engine, convolution, dy, kernel, to)],
      'kernel gradient': [convolution.kernel, (engine, to) => kernelGradient(engine, convolution, x, dy, to)],
    };
    for (const [what, [shape, run]] of Object.entries(passes)) {
      const [expected, found] = [new Float32Array(sizeOf(shape)), new Float32Array(sizeOf(shape))];
      run(direct, expected);
      run(backend, found);
      close(t, found, expected, what);
    }
  },
);

here('where the ways in and out of tiles take what they save, it is convolved directly', (t) => {
  const narrow = { hasWinograd: false, hasAvx512: false };
  const suits = (shape: Shape, than = narrow): boolean => suitsWinogradProducts(than, same(shape));
  t.true(suits([64, 4, 4, 128, 128]));
  t.true(suits([64, 16, 16, 32, 32]));
  t.false(suits([64, 32, 32, 16, 16]), 'few channels');
  t.false(suits([4, 8, 8, 64, 64]), 'few pixels');
  t.false(suits([64, 5, 5, 128, 128]), 'tiles that are mostly empty');
  t.false(suits([8, 80, 80, 64, 64]), 'large images');
  t.false(suits([64, 4, 4, 1024, 1024]), 'large kernels');
  t.false(suitsWinogradProducts(narrow, { ...same([64, 8, 8, 64, 64]), groups: 2 }), 'groups');
  const wide = { hasWinograd: false, hasAvx512: true };
  t.true(suits([64, 16, 16, 32, 64], wide));
  t.false(suits([64, 16, 16, 32, 32], wide), 'as fast directly with AVX-512');
  const transforming = { hasWinograd: true, hasAvx512: true };
  t.true(suits([64, 4, 4, 128, 128], transforming));
  t.false(suits([64, 8, 8, 64, 64], transforming), 'as fast by the library');
});
