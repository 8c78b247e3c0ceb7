import test from 'ava';
import fc from 'fast-check';
import type { BlockGeometry } from '../../../core/contracts/index.js';
import { conv1x1Average } from '../../../plugins/branch-ops/conv-1x1-avg.js';
import { conv1x1KxK } from '../../../plugins/branch-ops/conv-1x1-kxk.js';
import { branchOps } from '../../../plugins/branch-ops/index.js';
import { geometries } from '../../../core/testing/geometries.js';

const block: BlockGeometry = {
  name: 'block',
  inChannels: 8,
  outChannels: 8,
  kernelSize: 3,
  stride: 1,
  groups: 1,
};
const depthwise = { ...block, groups: 8 };

const existing = (geometry: BlockGeometry): string[] =>
  branchOps.filter((op) => op.exists(geometry, op.options.parse({}))).map(({ name }) => name);

test('there are the seven ops of the paper', (t) => {
  const names = ['conv-1x1', 'conv-kxk', 'conv-1x1-kxk', 'conv-1x1-avg', 'conv-1xk', 'conv-kx1', 'identity'];
  t.deepEqual(existing(block), names);
});

test('identity needs stride 1 and equal channels, the asymmetric ones a kernel larger than 1', (t) => {
  t.false(existing({ ...block, stride: 2 }).includes('identity'));
  t.false(existing({ ...block, outChannels: 16 }).includes('identity'));
  const pointwise = existing({ ...block, kernelSize: 1 });
  t.deepEqual(
    pointwise.filter((name) => ['conv-1xk', 'conv-kx1'].includes(name)),
    [],
  );
  t.true(pointwise.includes('conv-1x1'));
});

test('options are strict', (t) => {
  for (const op of branchOps) t.throws(() => op.options.parse({ inerWidth: 2 }), undefined, op.name);
  t.throws(() => conv1x1KxK.options.parse({ innerWidth: 0 }));
  t.throws(() => conv1x1KxK.options.parse({ innerWidth: Number.POSITIVE_INFINITY }));
});

test('names of kernels and norms are unique within a branch, and channels fit the groups', (t) => {
  fc.assert(
    fc.property(geometries, ({ block: given }) => {
      for (const op of branchOps) {
        const options = op.options.parse({});
        if (!op.exists(given, options)) continue;
        const kernels = op.kernels(given, options);
        const norms = op.norms?.(given, options) ?? [];
        const names = [...kernels, ...norms].map(({ name }) => name);
        t.deepEqual([...new Set(names)], names, op.name);
        t.false(names.includes('norm'), `${op.name}: 'norm' is the closing one`);
        for (const { outputs, inputs } of kernels) {
          t.true(outputs > 0 && outputs % given.groups === 0, op.name);
          t.true(Number.isInteger(inputs) && inputs > 0, op.name);
        }
      }
    }),
    { numRuns: 100, seed: 1 },
  );
});

test('the first 1x1 of conv-1x1-kxk adds to the identity where it keeps the number of channels', (t) => {
  const [first, second] = conv1x1KxK.kernels(block, conv1x1KxK.options.parse({}));
  t.true(first?.identity);
  t.is(second?.inputs, 8);
  const [wide] = conv1x1KxK.kernels(block, conv1x1KxK.options.parse({ innerWidth: 2 }));
  t.is(wide?.outputs, 16);
  t.false(wide?.identity);
});

test('conv-1x1-kxk is twice as wide inside where each group has one channel, as DBB', (t) => {
  const [first] = conv1x1KxK.kernels(depthwise, conv1x1KxK.options.parse({}));
  t.is(first?.outputs, 16);
  const [grouped] = conv1x1KxK.kernels({ ...block, groups: 4 }, conv1x1KxK.options.parse({}));
  t.is(grouped?.outputs, 8);
  const [image] = conv1x1KxK.kernels({ ...block, inChannels: 1 }, conv1x1KxK.options.parse({}));
  t.is(image?.outputs, 1, 'a single input channel is no depthwise block');
});

test('an inner width that is no whole number of channels is rounded up within each group', (t) => {
  const widths = [0.1, 1, 1.1, 1.5].map((innerWidth) => {
    const [first] = conv1x1KxK.kernels({ ...block, groups: 2 }, conv1x1KxK.options.parse({ innerWidth }));
    return first?.outputs;
  });
  t.deepEqual(widths, [2, 8, 10, 12]);
});

test('conv-1x1-kxk drops its 1x1 and norm at a stride where asked to, as the released RepNAS code', (t) => {
  const options = conv1x1KxK.options.parse({ pointwiseAtStride: false });
  const count = (stride: number) => [
    conv1x1KxK.kernels({ ...block, stride }, options).length,
    conv1x1KxK.norms?.({ ...block, stride }, options).length,
  ];
  t.deepEqual(count(2), [1, 0]);
  t.deepEqual(count(1), [2, 1]);
});

test('conv-1x1-avg has no 1x1 where each group has one channel, as DBB, unless asked for', (t) => {
  const count = (pointwise?: boolean) =>
    conv1x1Average.kernels(depthwise, conv1x1Average.options.parse({ pointwise })).length;
  t.deepEqual([count(), count(true), count(false)], [0, 1, 0]);
  const without = conv1x1Average.options.parse({ pointwise: false });
  t.false(conv1x1Average.exists({ ...block, outChannels: 16 }, without), 'pooling keeps the number of channels');
});

test('multiply-adds are those of the definitions, for even and odd sizes', (t) => {
  const macs = (name: string, given: Partial<BlockGeometry>, height: number, width: number): number | undefined => {
    const op = branchOps.find((candidate) => candidate.name === name);
    return op?.macs({ ...block, ...given }, op.options.parse({}), { height, width });
  };
  t.is(macs('conv-kxk', {}, 5, 7), 9 * 8 * 8 * 35);
  t.is(macs('conv-kxk', { stride: 2, groups: 2 }, 5, 8), (9 * 8 * 8 * 3 * 4) / 2);
  t.is(macs('conv-1xk', { kernelSize: 5 }, 5, 7), 5 * 8 * 8 * 35);
  t.is(macs('conv-1x1', { stride: 2 }, 6, 6), 8 * 8 * 9);
  t.is(macs('identity', {}, 5, 7), 0);
  t.is(macs('conv-1x1-kxk', { stride: 2, outChannels: 4 }, 6, 6), 8 * 8 * 36 + 9 * 8 * 4 * 9);
  t.is(macs('conv-1x1-kxk', { groups: 8 }, 6, 6), (8 * 16 * 36) / 8 + (9 * 16 * 8 * 36) / 8);
  t.is(macs('conv-1x1-avg', { stride: 2, outChannels: 4 }, 6, 6), 8 * 4 * 36 + 9 * 4 * 9);
  t.is(macs('conv-1x1-avg', { groups: 8 }, 6, 6), 9 * 8 * 36);
});
