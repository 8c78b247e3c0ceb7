import type { Architecture } from '../contracts/search-space.js';
import type { ExportChecked } from '../io/export/checked.js';
import type { Certificate } from '../reparam/certificate/certified.js';

/** Size of a network: trained numbers (batch-norms included while they exist) and multiply-adds for one image. */
export interface NetworkCost {
  readonly parameters: number;
  readonly macs: number;
}

/** What one training came to. */
export interface TrainingResult {
  readonly strategy: string;
  readonly seed: number;
  readonly engine: string;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly steps: number;
  readonly testImages: number;
  /** Share of test images named rightly: with all branches, and after fusing. */
  readonly accuracy: { readonly multiBranch: number; readonly fused: number };
  /** Share of test images on which both name the same class. */
  readonly argmaxAgreement: number;
  readonly certificate: Omit<Certificate, 'blocks'>;
  readonly architecture: Architecture;
  /** In how many blocks each branch op was kept. */
  readonly kept: Readonly<Record<string, number>>;
  readonly cost: { readonly training: NetworkCost; readonly fused: NetworkCost };
  /** Files written, by format, relative to the run folder. */
  readonly exports: Readonly<Record<string, string>>;
  /** What a program that reads the format made of each, on the certificate's images. */
  readonly exportChecks: Readonly<Record<string, ExportChecked>>;
}

/** What a run came to: the strategy of the config, and beside it the baseline where the config names one. */
export interface RunResult {
  /** Path of the run folder. */
  readonly folder: string;
  readonly main: TrainingResult;
  readonly baseline?: TrainingResult;
}

export function keptPerOp(architecture: Architecture): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of Object.values(architecture).flat()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
