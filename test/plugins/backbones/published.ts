import type { NetworkGraph } from '../../../core/contracts/index.js';
import { backbones } from '../../../plugins/backbones/index.js';

export const build = (
  name: string,
  options: object,
  input: readonly [number, number, number],
  classes: number,
): NetworkGraph => {
  const backbone = backbones.find((other) => other.name === name);
  if (!backbone) throw new Error(`no backbone ${name}`);
  return backbone.build(input, classes, backbone.options.parse(options));
};

export const IMAGENET = [224, 224, 3] as const;
export const CIFAR = [32, 32, 3] as const;

/** Convolution weights and biases of the fused network and the dense layer's; 1000 classes, 10 for ResNet-20 and 56. */
export const PARAMETERS: readonly (readonly [name: string, options: object, parameters: number])[] = [
  ['repvgg', { variant: 'a0' }, 8_309_384],
  ['repvgg', { variant: 'a1' }, 12_789_864],
  ['repvgg', { variant: 'a2' }, 25_499_944],
  ['repvgg', { variant: 'b0' }, 14_339_048],
  ['repvgg', { variant: 'b1' }, 51_829_480],
  ['repvgg', { variant: 'b1g4' }, 36_125_416],
  ['repvgg', { variant: 'b2' }, 80_315_112],
  ['repvgg', { variant: 'b2g4' }, 55_777_512],
  ['repvgg', { variant: 'b3' }, 110_960_872],
  ['repvgg', { variant: 'b3g4' }, 75_626_728],
  ['resnet', { depth: 18 }, 11_684_712],
  ['resnet', { depth: 34 }, 21_789_160],
  ['resnet', { depth: 50 }, 25_530_472],
  ['resnet', { depth: 20 }, 269_034],
  ['resnet', { depth: 56 }, 850_986],
  ['mobilenet', {}, 4_221_032],
];

/** A network of the table, for the images that its figures are for. */
export function published(name: string, options: object): NetworkGraph {
  const small = name === 'resnet' && [20, 56].includes((options as { depth: number }).depth);
  return small ? build(name, options, CIFAR, 10) : build(name, options, IMAGENET, 1000);
}
