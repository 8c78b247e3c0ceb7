import { freshStatistics, type ParameterStore } from './parameters.js';

/** State names of a batch-norm's numbers. */
export interface NormNames {
  readonly gamma: string;
  readonly beta: string;
  /** `[2, C]`: running mean, running variance. */
  readonly statistics: string;
}

export const normNames = (stem: string): NormNames => ({
  gamma: `${stem}.gamma`,
  beta: `${stem}.beta`,
  statistics: `${stem}.statistics`,
});

/** Adds a new batch-norm to the store. */
export function addNorm(
  store: ParameterStore,
  { gamma, beta, statistics }: NormNames,
  channels: number,
  scale = 1,
): void {
  store.add(gamma, 'gamma', [channels], new Float32Array(channels).fill(scale));
  store.add(beta, 'beta', [channels], new Float32Array(channels));
  store.add(statistics, 'statistics', [2, channels], freshStatistics(channels));
}
