import type { Backbone } from '../../core/contracts/index.js';
import { vgg } from './vgg.js';

export const backbones: readonly Backbone[] = [vgg];
