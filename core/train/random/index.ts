export { beta, childSeed, createRandomSource } from './source.js';
