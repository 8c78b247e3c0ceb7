import { OneDnnBackend } from '../../../../plugins/engines/onednn/backend.js';
import { compiled } from '../../../../plugins/engines/onednn/compiled-convolution.js';
import type { Pass } from '../../../../plugins/engines/onednn/convolution-descriptor.js';
import { type Convolution, outputShape } from '../../../../plugins/engines/onednn/convolution-shape.js';
import { sizeOf } from '../../../../plugins/engines/onednn/kernels/geometry.js';
import { loadLibrary } from '../../../../plugins/engines/onednn/ffi/library.js';
import { Runtime } from '../../../../plugins/engines/onednn/runtime.js';
import { here } from './here.js';

const same = ([images, size, inputs, outputs]: readonly [number, number, number, number]): Convolution => ({
  input: [images, size, size, inputs],
  kernel: [3, 3, inputs, outputs],
  groups: 1,
  window: { size: [3, 3], stride: [1, 1], dilation: [1, 1], before: [1, 1], after: [1, 1] },
});

const open = async (): Promise<OneDnnBackend> => new OneDnnBackend(new Runtime(await loadLibrary()));

const isTransformed = (backend: OneDnnBackend, convolution: Convolution, pass: Pass): boolean =>
  compiled(backend, convolution, pass).operation.implementation.includes('wino');

here('3x3 convolutions of enough channels and pixels are transformed where the vectors are wide enough', async (t) => {
  const backend = await open();
  t.teardown(() => backend.dispose());
  const wide = backend.runtime.hasWinograd;
  for (const pass of ['forward', 'biased', 'biased-relu', 'input', 'kernel'] as const) {
    t.is(isTransformed(backend, same([8, 8, 32, 48]), pass), wide, pass);
    t.false(isTransformed(backend, same([8, 8, 8, 8]), pass), `${pass}, few channels`);
    t.false(isTransformed(backend, same([64, 5, 32, 32]), pass), `${pass}, tiles mostly empty`);
    t.false(isTransformed(backend, same([1, 8, 64, 64]), pass), `${pass}, few tiles`);
  }
});

here('images whose transformed form takes much memory are convolved as they are', async (t) => {
  const backend = await open();
  t.teardown(() => backend.dispose());
  t.false(isTransformed(backend, same([64, 128, 128, 128]), 'forward'));
});

here('a transformed convolution takes arrays wherever they lie in memory', async (t) => {
  const backend = await open();
  t.teardown(() => backend.dispose());
  const convolution = same([8, 4, 64, 64]);
  const shapes = [convolution.input, convolution.kernel, outputShape(convolution), [convolution.kernel[3]]];
  const results = [0, 1, 5].map((offset) => {
    const data = shapes.map((shape) =>
      new Float32Array(sizeOf(shape) + offset).map((_, index) => Math.sin((index - offset) * 1.7)).subarray(offset),
    );
    compiled(backend, convolution, 'biased-relu').run(backend, data);
    return data[2];
  });
  t.deepEqual(results[1], results[0]);
  t.deepEqual(results[2], results[0]);
});
