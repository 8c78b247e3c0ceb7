import type { BlocksCertificate } from '../reparam/certificate/certified.js';

/**
 * A fused network that may not be used: it does not compute what the trained one does. The message says how far apart the two
 * are and what was allowed. Nothing was exported.
 */
export class CertificateError extends Error {
  /** The differences measured, of each block and of the whole network, and the tolerance that they exceed. */
  readonly certificate: BlocksCertificate;

  constructor(message: string, certificate: BlocksCertificate) {
    super(message);
    this.name = 'CertificateError';
    this.certificate = certificate;
  }
}
