import { refusal } from '../../reparam/certificate/certificate.js';
import type { BlocksCertificate } from '../../reparam/certificate/certified.js';
import { CertificateError } from '../../run/certificate-error.js';

/** A format that is not there, or does not know an option. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

/** @throws CertificateError when folding would change what is computed by more than the tolerance */
export function refuseUnequal(certificate: BlocksCertificate): void {
  const why = refusal(certificate);
  if (why) throw new CertificateError(why, certificate);
}
