/** A whole comparison in seconds: synthetic images, a narrow network. */
export const COMPARISON = {
  shared: {
    dataset: { name: 'synthetic', shape: [8, 8, 3], classes: 3, train: 96, test: 60 },
    backbone: { name: 'vgg', depth: 11, width: 0.0625 },
    train: {
      epochs: { warmUp: 1, search: 1, frozen: 1 },
      batchSize: 16,
      optimizer: { name: 'sgd', learningRate: 0.05 },
    },
    engine: 'wasm',
    export: [],
  },
  entrants: {
    plain: { strategy: 'plain' },
    random: { strategy: 'random' },
    repnas: { strategy: 'repnas', importance: { name: 'logistic-ranking', learningRate: 0.05 } },
  },
  seeds: 2,
} as const;
