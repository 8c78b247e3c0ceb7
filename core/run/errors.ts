import type { BlocksCertificate } from '../reparam/certificate/difference.js';

/** How a run ends other than well. Each message says what was found and what was expected. */

/**
 * Thrown if a request cannot be met: an unknown name, missing images, parts that do not fit together. The message says
 * what was expected. Nothing was written.
 */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/**
 * Runs preparation, before anything is written. Parts report problems with options or files as plain errors.
 * @throws RefusedError instead of such a plain error.
 */
export async function prepare<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === 'Error') throw new RefusedError(error.message, { cause: error });
    throw error;
  }
}

/** Thrown after an interruption. The last checkpoint of a run is whole; nothing else is left half done. */
export class InterruptedError extends Error {
  /** The folder that it was interrupted in. `resume` continues a run from there. */
  readonly folder: string;

  constructor(folder: string, next = 'go on with --resume') {
    super(`interrupted; ${next} (${folder})`);
    this.name = 'InterruptedError';
    this.folder = folder;
  }
}

/**
 * Thrown if a fused network does not compute what the trained one does. The message gives the difference and the
 * tolerance. Nothing was exported.
 */
export class CertificateError extends Error {
  /** The measured differences, per block and of the whole network, and the tolerance that they exceed. */
  readonly certificate: BlocksCertificate;

  constructor(message: string, certificate: BlocksCertificate) {
    super(message);
    this.name = 'CertificateError';
    this.certificate = certificate;
  }
}
