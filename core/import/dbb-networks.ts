import type { Classifier } from './classifier.js';
import { GraphWriter, type NamedShape, type Placed } from './graph-writer.js';

/** Whether blocks are called as in the ResNets of https://github.com/DingXiaoH/DiverseBranchBlock, `resnet.py`. */
export const isDbbResnet = (names: readonly string[]): boolean =>
  names.includes('stage0.conv1') && names.every((name) => /^stage\d\.(?:\d+\.)?(?:conv[123]|shortcut)$/.test(name));

/** A stem of 7x7 and max-pooling at stride 2, then residual blocks of two or three convolutions; each stage but the first at stride 2. */
export function dbbResnet(
  blocks: readonly NamedShape[],
  input: readonly [height: number, width: number],
  classifier: Classifier,
): Placed {
  const writer = new GraphWriter(blocks, 3);
  writer.block('stage0.conv1', { stride: 2 });
  writer.add({ kind: 'max-pool', name: 'stage0.maxpool', input: writer.last, size: 3, stride: 2, padding: 1 });
  for (let stage = 1; writer.has(`stage${stage}.0.conv1`); stage++) {
    for (let at = 0; writer.has(`stage${stage}.${at}.conv1`); at++) {
      residual(writer, `stage${stage}.${at}`, at === 0 && stage > 1 ? 2 : 1);
    }
  }
  return classified(writer, input, classifier);
}

/** A block with two convolutions has its stride in the first, one with three in the second. */
function residual(writer: GraphWriter, name: string, stride: number): void {
  const input = writer.last;
  const bottleneck = writer.has(`${name}.conv3`);
  writer.block(`${name}.conv1`, { stride: bottleneck ? 1 : stride });
  writer.block(`${name}.conv2`, bottleneck ? { stride } : { activation: 'none' });
  if (bottleneck) writer.block(`${name}.conv3`, { activation: 'none' });
  const sum = writer.last;
  const shortcut = `${name}.shortcut`;
  const other = writer.has(shortcut) ? writer.block(shortcut, { input, stride, activation: 'none' }) : input;
  writer.add({ kind: 'add', name, input: sum, other, activation: 'relu' });
}

/** Whether blocks are called as in its MobileNet, `mobilenet.py`. */
export const isDbbMobilenet = (names: readonly string[]): boolean =>
  names.includes('conv1') && names.every((name) => /^(?:conv1|stem\.\d+\.(?:depthwise|pointwise))$/.test(name));

/** Of the thirteen pairs, those that halve the map. */
const HALVING: ReadonlySet<number> = new Set([1, 3, 5, 11]);

/** MobileNet V1: a 3x3 convolution at stride 2, then pairs of a depthwise and a pointwise one. */
export function dbbMobilenet(
  blocks: readonly NamedShape[],
  input: readonly [height: number, width: number],
  classifier: Classifier,
): Placed {
  const writer = new GraphWriter(blocks, 3);
  writer.block('conv1', { stride: 2 });
  for (let at = 0; writer.has(`stem.${at}.depthwise`); at++) {
    writer.block(`stem.${at}.depthwise`, { stride: HALVING.has(at) ? 2 : 1 });
    writer.block(`stem.${at}.pointwise`);
  }
  return classified(writer, input, classifier);
}

function classified(
  writer: GraphWriter,
  input: readonly [height: number, width: number],
  { name, features, classes }: Classifier,
): Placed {
  if (features !== writer.channels())
    throw new Error(`tensor '${name}.weight' reads ${features} features; the last block gives ${writer.channels()}`);
  writer.add({ kind: 'global-average-pool', name: 'pool', input: writer.last });
  writer.add({ kind: 'dense', name: 'dense', input: 'pool', inputs: features, outputs: classes, activation: 'none' });
  return writer.finish(input, classes);
}
