import { refusal } from '../../reparam/certificate/certificate.js';
import type { BlocksCertificate, Certificate, ExpectedDifference } from '../../reparam/certificate/difference.js';
import { CertificateError } from '../../run/errors.js';

/** A format that is not there, or does not know an option. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

/** @throws CertificateError when folding would change what is computed by more than the tolerance */
export function refuseUnequal(certificate: BlocksCertificate): void {
  const why = refusal(certificate);
  if (why) throw new CertificateError(why, certificate);
}

/** The certificate of a network that was held to its own answers too: what it proves then is that network. */
export const provenBy = (certificate: Certificate, expected: ExpectedDifference): Certificate => ({
  ...certificate,
  proof: 'network',
  expected,
  passed: certificate.passed && expected.relativeError <= certificate.tolerance,
});

/** @throws CertificateError when the folded network answers otherwise than the user's own, saying what was assumed of it */
export function refuseUnexpected(certificate: Certificate): void {
  const { expected, basis, tolerance } = certificate;
  if (!expected || expected.relativeError <= tolerance) return;
  const assumed = basis?.assumed.length ? `; what was assumed: ${basis.assumed.join('; ')}` : '';
  const problem = `the folded network does not answer as ${expected.file} says: relative error ${expected.relativeError.toExponential(2)}, allowed ${tolerance}, the same class for ${Math.round(expected.argmaxAgreement * expected.images)} of ${expected.images} images${assumed} (--epsilon, --strides, --dilation and --activation say otherwise)`;
  throw new CertificateError(problem, certificate);
}
