import { classifierOf } from './dense-layer.js';
import { GraphWriter } from './graph-writer.js';
import { type KnownNetwork, OF_IMAGENET } from './known-network.js';

/** The ResNets of https://github.com/DingXiaoH/DiverseBranchBlock, `resnet.py`. */
export const dbbResnet: KnownNetwork = { ...OF_IMAGENET, title: "DBB's ResNet", ...resnet('stage0.conv1') };

/** Those of https://github.com/DingXiaoH/ACNet, `resnet.py`. */
export const acnetResnet: KnownNetwork = { ...OF_IMAGENET, title: "ACNet's ResNet", ...resnet('conv1') };

/** A stem of 7x7 and max-pooling at stride 2, then residual blocks of two or three convolutions; each stage but the first at stride 2. */
function resnet(stem: string): Pick<KnownNetwork, 'matches' | 'place'> {
  return {
    matches: (names) =>
      names.includes(stem) &&
      names.length > 1 &&
      names.every((name) => name === stem || /^stage[1-9]\.\d+\.(?:conv[123]|shortcut)$/.test(name)),
    place: (blocks, input, { shapes, others }) => {
      const writer = new GraphWriter(blocks, 3);
      writer.block(stem, { stride: 2 });
      writer.pool('max-pool', 'maxpool', 3, 2, 1);
      for (let stage = 1; writer.has(`stage${stage}.0.conv1`); stage++) {
        for (let at = 0; writer.has(`stage${stage}.${at}.conv1`); at++) {
          const name = `stage${stage}.${at}`;
          residual(writer, name, { stride: at === 0 && stage > 1 ? 2 : 1, shortcut: `${name}.shortcut` });
        }
      }
      writer.classify(classifierOf(shapes, others));
      return writer.finish(input);
    },
  };
}

/** A block with two convolutions has its stride in the first, one with three in the second. */
export function residual(
  writer: GraphWriter,
  name: string,
  { stride, shortcut }: { readonly stride: number; readonly shortcut: string },
): void {
  const input = writer.last;
  const bottleneck = writer.has(`${name}.conv3`);
  writer.block(`${name}.conv1`, { stride: bottleneck ? 1 : stride });
  writer.block(`${name}.conv2`, bottleneck ? { stride } : { activation: 'none' });
  if (bottleneck) writer.block(`${name}.conv3`, { activation: 'none' });
  const sum = writer.last;
  const other = writer.has(shortcut) ? writer.block(shortcut, { input, stride, activation: 'none' }) : input;
  writer.add({ kind: 'add', name, input: sum, other, activation: 'relu' });
}

/** Of the thirteen pairs, those that halve the map. */
const HALVING: ReadonlySet<number> = new Set([1, 3, 5, 11]);

/** MobileNet V1 of both repositories, `mobilenet.py` and `mobilenetv1.py`: a 3x3 convolution at stride 2, then pairs of a depthwise and a pointwise one. */
export const dingMobilenet: KnownNetwork = {
  ...OF_IMAGENET,
  title: "MobileNet V1 of DBB's and ACNet's code",
  matches: (names) =>
    names.includes('conv1') &&
    names.length > 1 &&
    names.every((name) => /^(?:conv1|stem\.\d+\.(?:depthwise|pointwise))$/.test(name)),
  place: (blocks, input, { shapes, others }) => {
    const writer = new GraphWriter(blocks, 3);
    writer.block('conv1', { stride: 2 });
    for (let at = 0; writer.has(`stem.${at}.depthwise`); at++) {
      writer.block(`stem.${at}.depthwise`, { stride: HALVING.has(at) ? 2 : 1 });
      writer.block(`stem.${at}.pointwise`);
    }
    writer.classify(classifierOf(shapes, others));
    return writer.finish(input);
  },
};
