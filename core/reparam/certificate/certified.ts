import type { Difference } from './difference.js';

/** Proof that a fused network computes what the trained one does, on the images it was checked with. */
export interface Certificate extends BlocksCertificate {
  /** Share of images on which both name the same class. */
  readonly argmaxAgreement: number;
}

/** The same where only the blocks of a network are known. */
export interface BlocksCertificate extends Difference {
  readonly format: 'repnas-certificate';
  readonly version: 1;
  readonly images: number;
  /** The images were random numbers, for want of real ones. @default false */
  readonly randomImages?: boolean;
  /** Largest relative error allowed. */
  readonly tolerance: number;
  readonly passed: boolean;
  /** By block, each on what the trained network feeds it with, so that errors do not add up along the way. */
  readonly blocks: Readonly<Record<string, Difference>>;
}
