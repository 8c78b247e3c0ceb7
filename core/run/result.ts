import type { Architecture } from '../contracts/search-space.js';
import type { ExportChecked } from '../io/export/checked.js';
import type { Certificate } from '../reparam/certificate/difference.js';

/** Size of a network: parameters (batch-norms included while they exist), and multiply-adds for one image. */
export interface NetworkCost {
  readonly parameters: number;
  readonly macs: number;
}

/** Result of one training. */
export interface TrainingResult {
  readonly strategy: string;
  readonly seed: number;
  readonly engine: string;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly steps: number;
  readonly testImages: number;
  /** Fraction of test images classified correctly: with all branches, and fused. */
  readonly accuracy: { readonly multiBranch: number; readonly fused: number };
  /** Fraction of test images on which both name the same class. */
  readonly argmaxAgreement: number;
  readonly certificate: Omit<Certificate, 'blocks'>;
  readonly architecture: Architecture;
  /** Number of blocks in which each branch op was kept. */
  readonly kept: Readonly<Record<string, number>>;
  readonly cost: { readonly training: NetworkCost; readonly fused: NetworkCost };
  /** Files written, by format, relative to the run folder. */
  readonly exports: Readonly<Record<string, string>>;
  /** Check of each export with a program that reads the format, on the certificate's images. */
  readonly exportChecks: Readonly<Record<string, ExportChecked>>;
}

/** Result of a run: the config's strategy, and the baseline if the config names one. */
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
