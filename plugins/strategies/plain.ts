import { fixedStrategy } from './fixed.js';

export const plain = fixedStrategy('plain', 'the plain network: one KxK convolution a block', ['conv-kxk']);
