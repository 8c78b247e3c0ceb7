export { beta } from './beta.js';
export { childSeed, createRandomSource } from './source.js';
