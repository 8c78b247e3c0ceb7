import type { Backbone } from '../../core/contracts/index.js';
import { cifarQuick } from './cifar-quick.js';
import { mobilenet } from './mobilenet.js';
import { repvgg } from './repvgg.js';
import { resnet } from './resnet.js';
import { vgg } from './vgg.js';

export const backbones: readonly Backbone[] = [cifarQuick, mobilenet, repvgg, resnet, vgg];
