import type { Dataset } from '../../core/contracts/index.js';
import { cifar10 } from './cifar10.js';
import { cifar100 } from './cifar100.js';
import { fashionMnist } from './fashion-mnist.js';
import { idx } from './idx.js';
import { imageFolder } from './image-folder/image-folder.js';
import { mnist } from './mnist.js';
import { synthetic } from './synthetic.js';

const parts = [cifar10, cifar100, fashionMnist, idx, imageFolder, mnist, synthetic] as const;

export type Datasets = typeof parts;

export const datasets: readonly Dataset[] = parts;
