import { classifierOf, denseLayer } from './dense-layer.js';
import { residual } from './dbb-networks.js';
import { GraphWriter } from './graph-writer.js';
import { type KnownNetwork, OF_IMAGENET } from './known-network.js';

// The networks of https://github.com/DingXiaoH/ACNet, `base_model`, by the names that its own code has for their blocks.

/** As `data/data_factory.py` has it. */
const OF_CIFAR = { size: [32, 32], normalisation: { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] } } as const;

/** Convolutions of VGG-16 before each maximum. */
const VGG_STAGES = [2, 2, 3, 3, 3];

/** `vgg.py`: thirteen 3x3 convolutions, and two dense layers. */
export const acnetVgg: KnownNetwork = {
  ...OF_CIFAR,
  title: "ACNet's VGG-16",
  matches: (names, others) =>
    others.includes('linear2.weight') &&
    names.includes('stem.conv13') &&
    names.every((name) => /^stem\.conv(?:[1-9]|1[0-3])$/.test(name)),
  place: (blocks, input, { shapes }) => {
    const writer = new GraphWriter(blocks, 3);
    let at = 0;
    for (const [stage, count] of VGG_STAGES.entries()) {
      for (let within = 0; within < count; within++) writer.block(`stem.conv${++at}`);
      writer.pool('max-pool', `stem.maxpool${stage + 1}`, 2, 2);
    }
    writer.add({ kind: 'flatten', name: 'flatten', input: writer.last });
    writer.dense('linear1', denseLayer(shapes, 'linear1'), 'relu');
    writer.dense('linear2', denseLayer(shapes, 'linear2'));
    return writer.finish(input);
  },
};

/** `cfqk.py`, Cifar-quick: three 5x5 convolutions, a maximum and two means, and two dense layers. */
export const acnetCifarQuick: KnownNetwork = {
  ...OF_CIFAR,
  title: "ACNet's Cifar-quick",
  matches: (names, others) =>
    others.includes('fc2.weight') &&
    names.length === 3 &&
    ['conv1', 'conv2', 'conv3'].every((name) => names.includes(name)),
  place: (blocks, input, { shapes }) => {
    const writer = new GraphWriter(blocks, 3);
    writer.block('conv1');
    writer.pool('max-pool', 'pool1', 3, 2);
    for (const at of [2, 3]) {
      writer.block(`conv${at}`);
      writer.pool('average-pool', `pool${at}`, 3, 2);
    }
    writer.add({ kind: 'flatten', name: 'flatten', input: writer.last });
    writer.dense('fc1', denseLayer(shapes, 'fc1'), 'relu');
    writer.dense('fc2', denseLayer(shapes, 'fc2'));
    return writer.finish(input);
  },
};

const STAGED = /^stage\d\.(?:projection|block\d+\.conv[123])$/;

/** `stagewise_resnet.py` for ImageNet: blocks of three convolutions, a projection before each stage's first sum. */
export const acnetBottleneck: KnownNetwork = {
  ...OF_IMAGENET,
  title: "ACNet's ResNet of three convolutions a block",
  matches: (names) =>
    names.includes('conv1') && names.length > 1 && names.every((name) => name === 'conv1' || STAGED.test(name)),
  place: (blocks, input, { shapes, others }) => {
    const writer = new GraphWriter(blocks, 3);
    writer.block('conv1', { stride: 2 });
    writer.pool('max-pool', 'maxpool', 3, 2, 1);
    stages(writer);
    writer.classify(classifierOf(shapes, others));
    return writer.finish(input);
  },
};

/** `stagewise_resnet.py` for CIFAR, ResNet-56 and deeper: blocks of two convolutions. */
export const acnetCifarResnet: KnownNetwork = {
  ...OF_CIFAR,
  title: "ACNet's ResNet for CIFAR",
  matches: (names) =>
    names.includes('stage1.conv1') &&
    names.length > 1 &&
    names.every((name) => name === 'stage1.conv1' || STAGED.test(name)),
  place: (blocks, input, { shapes, others }) => {
    const writer = new GraphWriter(blocks, 3);
    writer.block('stage1.conv1');
    stages(writer);
    writer.classify(classifierOf(shapes, others));
    return writer.finish(input);
  },
};

function stages(writer: GraphWriter): void {
  for (let stage = 1; writer.has(`stage${stage}.block0.conv1`); stage++) {
    for (let at = 0; writer.has(`stage${stage}.block${at}.conv1`); at++) {
      const shortcut = at === 0 ? `stage${stage}.projection` : '';
      residual(writer, `stage${stage}.block${at}`, { stride: at === 0 && stage > 1 ? 2 : 1, shortcut });
    }
  }
}

/** `wrn.py`, WRN-16-8: batch-norm and ReLU stand before each convolution, and the batch-norms are blocks of their own. */
export const acnetWideResnet: KnownNetwork = {
  ...OF_CIFAR,
  title: "ACNet's WRN-16-8",
  matches: (names) =>
    names.includes('last_bn') &&
    names.every((name) => /^(?:conv1|last_bn|stage\d\.block\d+\.(?:(?:conv[12]|proj)(?:\.bn)?))$/.test(name)),
  place: (blocks, input, { shapes, others }) => {
    const writer = new GraphWriter(blocks, 3);
    writer.block('conv1', { activation: 'none' });
    for (let stage = 1; writer.has(`stage${stage}.block1.conv1`); stage++) {
      for (let at = 1; writer.has(`stage${stage}.block${at}.conv1`); at++)
        preActivated(writer, `stage${stage}.block${at}`, at === 1 && stage > 1 ? 2 : 1);
    }
    writer.block('last_bn', { node: 'last.bn', activation: 'none' });
    writer.classify(classifierOf(shapes, others));
    return writer.finish(input);
  },
};

function preActivated(writer: GraphWriter, name: string, stride: number): void {
  const input = writer.last;
  const convolved = (source: string, from: string, at: number): string => {
    const normed = writer.block(`${source}.bn`, { input: from });
    return writer.block(source, { input: normed, stride: at, activation: 'none' });
  };
  const sum = convolved(`${name}.conv2`, convolved(`${name}.conv1`, input, stride), 1);
  const other = writer.has(`${name}.proj`) ? convolved(`${name}.proj`, input, stride) : input;
  writer.add({ kind: 'add', name, input: sum, other, activation: 'none' });
}
