import { defineComparison } from '../../core/app/compare/schema.js';

// RepNAS as published: every branch starts at scale 1, a tenth of the epochs is warm-up and a quarter search.
const paper = { strategy: 'repnas', train: { gamma: 1, epochs: { warmUp: 1, search: 3, frozen: 8 } } } as const;

// α moves by 4 over the search, whatever its length, under a quarter of the noise; identities are kept, as in the released code.
const ours = {
  strategy: { name: 'repnas', freeze: 'fold' },
  importance: { name: 'logistic-ranking', travel: 4, noise: 0.25 },
  searchSpace: { name: 'per-block', identity: 'kept' },
  budget: { branches: 49 },
} as const;

/**
 * What to search branches with, and whether: blocks written by hand, a random choice, and every search, on a deep network
 * without shortcuts. All end as one and the same network. `shrink-random` is shrink with a random order, the control of its
 * score; `shrink-all` folds everything, and ends as a plain network that was only trained through branches.
 */
export default defineComparison({
  shared: { extends: 'repnas:deep-recipe', export: [] },
  entrants: {
    plain: { strategy: 'plain' },
    repvgg: { strategy: 'repvgg' },
    random: { strategy: 'random' },
    shrink: { strategy: 'shrink', importance: 'bn-scale' },
    'shrink-random': { strategy: 'shrink', importance: 'random-order' },
    'kxk-identity': { strategy: { name: 'every-block', branches: ['conv-kxk', 'identity'] } },
    'repnas-paper': paper,
    repnas: ours,
    'shrink-fisher': { strategy: 'shrink', importance: 'fisher' },
    'shrink-all': { strategy: 'shrink', importance: 'bn-scale', budget: { branches: 22 } },
    'repvgg-gamma-1': { strategy: 'repvgg', train: { gamma: 1 } },
    acb: { strategy: 'acb' },
    dbb: { strategy: 'dbb' },
    'dbb-identity': { strategy: { name: 'dbb', identity: true } },
    pair: { strategy: 'pair' },
    'pair-identity': { strategy: { name: 'pair', identity: true } },
    'every-branch': { strategy: 'every-block' },
    orepa: { strategy: 'orepa' },
    sgs: { strategy: 'sgs' },
    dyrep: { strategy: { name: 'dyrep', interval: 1, until: 8 } },
    evolution: { strategy: { name: 'evolution', population: 20, sample: 5, evaluations: 60 } },
  },
  seeds: 5,
  against: ['plain', 'random', 'repvgg'],
  equalTime: { to: 'shrink', entrants: ['plain', 'repvgg'] },
});
