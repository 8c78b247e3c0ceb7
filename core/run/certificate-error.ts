import type { BlocksCertificate } from '../reparam/certificate/certified.js';

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
