import type { Backbone } from '../../core/contracts/index.js';
import { cifarQuick } from './cifar-quick.js';
import { mobilenet } from './mobilenet.js';
import { repvgg } from './repvgg.js';
import { resnet } from './resnet.js';
import { vgg } from './vgg.js';

const parts = [cifarQuick, mobilenet, repvgg, resnet, vgg] as const;

export type Backbones = typeof parts;

export const backbones: readonly Backbone[] = parts;
