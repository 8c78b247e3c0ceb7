import test from 'ava';
import type { NetworkGraph } from '../../../core/contracts/index.js';
import { fusedCost } from '../../../core/network/cost.js';
import { shapes } from '../../../core/network/shapes.js';
import { backbones } from '../../../plugins/backbones/index.js';

const build = (
  name: string,
  options: object,
  input: readonly [number, number, number],
  classes: number,
): NetworkGraph => {
  const backbone = backbones.find((other) => other.name === name);
  if (!backbone) throw new Error(`no backbone ${name}`);
  return backbone.build(input, classes, backbone.options.parse(options));
};

const IMAGENET = [224, 224, 3] as const;
const CIFAR = [32, 32, 3] as const;

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
