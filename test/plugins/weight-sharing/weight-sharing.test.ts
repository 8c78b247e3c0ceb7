import test from 'ava';
import type { BlockGeometry, KernelBinding, WeightSharing } from '../../../core/contracts/index.js';
import { branchOps } from '../../../plugins/branch-ops/index.js';
import { kernelSlice } from '../../../plugins/weight-sharing/kernel-slice.js';
import { none } from '../../../plugins/weight-sharing/none.js';

const block: BlockGeometry = {
  name: 'block',
  inChannels: 8,
  outChannels: 16,
  kernelSize: 5,
  stride: 1,
  groups: 2,
};

/** Every kernel of every op, as `OP/KERNEL`, and how it is bound. */
function bindings(scheme: WeightSharing, geometry: BlockGeometry): Map<string, KernelBinding> {
  return new Map(
    branchOps.flatMap((op) =>
      op
        .kernels(geometry, op.options.parse({}))
        .map((kernel) => [`${op.name}/${kernel.name}`, scheme.bind(geometry, op.name, kernel, {})] as const),
    ),
  );
}

test('without sharing every kernel has a variable of its own shape and name', (t) => {
  const bound = bindings(none, block);
  t.deepEqual(bound.get('conv-1xk/kernel'), { parameter: 'conv-1xk.kernel', shape: [1, 5, 4, 16] });
  t.deepEqual(bound.get('conv-1x1-kxk/pointwise'), { parameter: 'conv-1x1-kxk.pointwise', shape: [1, 1, 4, 8] });
  t.is(new Set([...bound.values()].map(({ parameter }) => parameter)).size, bound.size);
});

test('a kernel with the channels of the block is a centred window of the one KxK kernel', (t) => {
  const bound = bindings(kernelSlice, block);
  const windows = [...bound].flatMap(([name, { parameter, shape, window }]) => {
    if (parameter !== 'kernel') return [];
    t.deepEqual(shape, [5, 5, 4, 16], name);
    return [[name, window && [window.top, window.left, window.height, window.width]]];
  });
  t.deepEqual(Object.fromEntries(windows), {
    'conv-1x1/kernel': [2, 2, 1, 1],
    'conv-kxk/kernel': [0, 0, 5, 5],
    'conv-1x1-kxk/kernel': [0, 0, 5, 5],
    'conv-1x1-avg/pointwise': [2, 2, 1, 1],
    'conv-1xk/kernel': [2, 0, 1, 5],
    'conv-kx1/kernel': [0, 2, 5, 1],
  });
});

test('a kernel with other channels stays its own; where they agree it is shared too', (t) => {
  const name = 'conv-1x1-kxk/pointwise';
  t.deepEqual(bindings(kernelSlice, block).get(name), bindings(none, block).get(name));
  t.is(bindings(kernelSlice, { ...block, outChannels: 8 }).get(name)?.parameter, 'kernel');
});

test('a depthwise block shares what has its shape: not the widened pair', (t) => {
  const own = [...bindings(kernelSlice, { ...block, outChannels: 8, groups: 8 })]
    .filter(([, { parameter }]) => parameter !== 'kernel')
    .map(([name]) => name);
  t.deepEqual(own, ['conv-1x1-kxk/pointwise', 'conv-1x1-kxk/kernel']);
});

test('a kernel without a place in the middle stays its own', (t) => {
  for (const [height, width] of [
    [7, 7],
    [2, 2],
    [1, 4],
  ] as const) {
    const kernel = { name: 'kernel', height, width, inputs: 4, outputs: 16 };
    t.deepEqual(kernelSlice.bind(block, 'odd-op', kernel, {}), none.bind(block, 'odd-op', kernel, {}));
  }
});
