import type { ComparisonDescription } from '../../../../core/app/compare/description.js';
import type { TrialRecord } from '../../../../core/app/compare/trial.js';

type Done = Extract<TrialRecord, { status: 'done' }>;

/** A comparison of the given entrants, each with two blocks of three branches. */
export const description = (names: readonly string[], seeds: readonly number[]): ComparisonDescription => ({
  name: 'made-up',
  seeds,
  against: ['plain', 'random'].filter((name) => names.includes(name)),
  entrants: names.map((name) => ({
    name,
    strategy: name,
    ranked: name === 'repnas',
    budget: 3,
    gates: ['a', 'b'].flatMap((block) => OPS.map((branch) => ({ block, branch }))),
    spaces: ['a', 'b'].map((block) => ({ block, branches: OPS, always: [] })),
    config: { strategy: { name }, train: { batchSize: 64 } },
  })),
});

const OPS = ['conv-kxk', 'conv-1x1', 'identity'];

export function done(entrant: string, seed: number, accuracy: number, seconds = 10): Done {
  const timing = (median: number) => ({ median, p99: 2 * median, samples: 100 });
  return {
    entrant,
    seed,
    name: `${entrant}-${seed}`,
    attempts: 1,
    jobs: 2,
    status: 'done',
    result: {
      strategy: entrant,
      seed: 1000 + seed,
      engine: 'wasm',
      device: 'CPU, 1 thread',
      versions: { node: '20.19.0' },
      steps: 40,
      testImages: 1000,
      accuracy: { multiBranch: accuracy, fused: accuracy },
      argmaxAgreement: 1,
      certificate: {
        format: 'repnas-certificate',
        version: 1,
        tolerance: 1e-4,
        passed: true,
        images: 10,
        maxDifference: 0,
        relativeError: 0,
        argmaxAgreement: 1,
      } as Done['result']['certificate'],
      architecture: { a: ['conv-kxk'], b: seed === 0 ? ['conv-kxk', 'conv-1x1'] : ['identity'] },
      kept: { 'conv-kxk': 2 },
      cost: { training: { parameters: 200 + seed, macs: 2e6 }, fused: { parameters: 100, macs: 1e6 } },
      exports: {},
      exportChecks: {},
    },
    measured: {
      trainingSeconds: seconds,
      searchSeconds: seconds / 2,
      searchSteps: 20,
      evaluationSeconds: 1,
      peakMiB: 300,
      latency: { batch: 1, unfused: timing(4 + seed), fused: timing(2) },
    },
  };
}

export const failed = (entrant: string, seed: number, reason: string): TrialRecord => ({
  entrant,
  seed,
  name: `${entrant}-${seed}`,
  attempts: 2,
  jobs: 2,
  status: 'failed',
  reason,
});
