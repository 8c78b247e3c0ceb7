import test from 'ava';
import fc from 'fast-check';
import { fusedCost } from '../../../core/reparam/network/cost.js';
import { shapes } from '../../../core/reparam/network/shapes.js';
import { backbones } from '../../../plugins/backbones/index.js';
import { build, CIFAR, IMAGENET, PARAMETERS, published } from './published.js';

test('names are unique and the defaults build a network', (t) => {
  t.is(new Set(backbones.map(({ name }) => name)).size, backbones.length);
  for (const backbone of backbones) {
    t.notThrows(() => shapes(backbone.build(IMAGENET, 1000, backbone.options.parse({}))), backbone.name);
  }
});

test('VGG-16 of 32x32 images has the layers of the papers', (t) => {
  const graph = build('vgg', {}, CIFAR, 10);
  const blocks = graph.nodes.filter((node) => node.kind === 'block');
  t.deepEqual(
    blocks.map(({ outChannels }) => outChannels),
    [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512],
  );
  t.true(blocks.every(({ searchable, kernelSize }) => searchable && kernelSize === 3));
  t.deepEqual(shapes(graph).get('flatten'), [512]);
  const convolutions = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512].map(
    (inputs, at) => (9 * inputs + 1) * (blocks[at]?.outChannels ?? 0),
  );
  t.is(fusedCost(graph).parameters, convolutions.reduce((sum, count) => sum + count, 0) + 5130);
  t.is(build('vgg', { depth: 11 }, CIFAR, 10).nodes.filter((node) => node.kind === 'block').length, 8);
});

test('VGG at a quarter of its width has a quarter of the channels', (t) => {
  const graph = build('vgg', { width: 0.25 }, CIFAR, 10);
  t.deepEqual(shapes(graph).get('stage1.block0'), [32, 32, 16]);
  t.deepEqual(shapes(graph).get('flatten'), [128]);
});

test('VGG takes digits, and images that leave a larger map', (t) => {
  const digits = build('vgg', {}, [28, 28, 1], 10);
  t.deepEqual(shapes(digits).get('stage5.block2'), [1, 1, 512]);
  t.deepEqual(shapes(build('vgg', {}, [64, 48, 3], 10)).get('pool'), [512]);
  t.throws(() => build('vgg', {}, [7, 32, 3], 10), { message: /images of 7x32; expected at least 8x8/ });
});

for (const [name, options, parameters] of PARAMETERS) {
  test(`${name} ${Object.values(options).join()} has ${parameters} parameters when fused`, (t) => {
    t.is(fusedCost(published(name, options)).parameters, parameters);
  });
}

/** Multiply-adds for one image that the papers give, in millions; each counts a little differently. */
for (const [name, options, millions] of [
  ['repvgg', { variant: 'a0' }, 1362],
  ['repvgg', { variant: 'b1g4' }, 7317],
  ['resnet', { depth: 18 }, 1814],
  ['resnet', { depth: 50 }, 4089],
  ['mobilenet', {}, 569],
] as const) {
  test(`${name} ${Object.values(options).join()} takes about ${millions} million multiply-adds`, (t) => {
    const found = fusedCost(build(name, options, IMAGENET, 1000)).macs / 1e6;
    t.true(Math.abs(found / millions - 1) < 0.005, `${found}`);
  });
}

test('ResNet-20 takes 41 million multiply-adds on 32x32 images', (t) => {
  t.is(Math.round(fusedCost(build('resnet', { depth: 20 }, CIFAR, 10)).macs / 1e6), 41);
});

test('RepVGG for small images keeps the size in its first two stages, and all its parameters', (t) => {
  const small = build('repvgg', { images: 'small' }, CIFAR, 10);
  const size = (block: string) => shapes(small).get(block)?.[0];
  t.deepEqual(
    ['stage0.block0', 'stage1.block0', 'stage2.block0', 'stage3.block0', 'stage4.block0'].map(size),
    [32, 32, 16, 8, 4],
  );
  t.is(fusedCost(small).parameters, fusedCost(build('repvgg', {}, CIFAR, 10)).parameters);
});

test('a ResNet for CIFAR without shortcuts is the plain network of the same layers', (t) => {
  const [plain, residual] = [{ shortcuts: false }, {}].map((options) =>
    build('resnet', { depth: 32, ...options }, CIFAR, 10),
  );
  const blocks = (graph = plain) => graph?.nodes.filter((node) => node.kind === 'block') ?? [];
  t.is(blocks().length, 31);
  t.deepEqual(
    blocks().map(({ name }) => name),
    blocks(residual).map(({ name }) => name),
  );
  t.true(blocks().every(({ activation }) => activation === 'relu'));
  t.false(plain?.nodes.some(({ kind }) => kind === 'add' || kind === 'subsample'));
});

test('Cifar-quick has the layers of the Caffe example', (t) => {
  const graph = build('cifar-quick', {}, CIFAR, 10);
  t.is(fusedCost(graph).parameters, 2432 + 25_632 + 51_264 + 65_600 + 650);
});

test('only convolutions larger than 1x1 are searchable', (t) => {
  const sizes = (name: string, options: object) =>
    build(name, options, IMAGENET, 10).nodes.flatMap((node) =>
      node.kind === 'block' && node.searchable ? [node.kernelSize] : [],
    );
  t.deepEqual(sizes('resnet', { depth: 50 }), [7, ...Array<number>(16).fill(3)]);
  t.deepEqual(sizes('mobilenet', {}), Array<number>(14).fill(3));
  t.is(sizes('repvgg', { variant: 'a0' }).length, 22);
});

const anyOptions: Readonly<Record<string, fc.Arbitrary<object>>> = {
  'cifar-quick': fc.record({ kernelSize: fc.constantFrom(3, 5, 7) }),
  mobilenet: fc.constant({}),
  repvgg: fc.record({
    variant: fc.constantFrom('a0', 'a2', 'b0', 'b1g2', 'b2g4', 'b3'),
    images: fc.constantFrom('large', 'small'),
  }),
  resnet: fc.record({ depth: fc.constantFrom(18, 20, 32, 34, 44, 50, 56), shortcuts: fc.boolean() }),
  vgg: fc.record({ depth: fc.constantFrom(11, 16) }),
};

for (const backbone of backbones) {
  test(`${backbone.name} builds a valid graph for any image, width and number of classes`, (t) => {
    const options = anyOptions[backbone.name] ?? fc.constant({});
    const side = fc.integer({ min: 8, max: 80 });
    const width = fc.double({ min: 0.01, max: 2, noNaN: true });
    fc.assert(
      fc.property(
        options,
        side,
        side,
        fc.constantFrom(1, 3, 4),
        fc.integer({ min: 2, max: 100 }),
        width,
        (chosen, h, w, c, classes, times) => {
          const parsed = backbone.options.parse({ ...chosen, width: times });
          const graph = backbone.build([h, w, c], classes, parsed);
          t.true(fusedCost(graph).parameters > 0);
          t.deepEqual(backbone.build([h, w, c], classes, parsed), graph);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });
}
