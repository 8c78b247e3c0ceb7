/**
 * Certificates and checks of exports in words.
 */
import type { ExportCheck } from '../../contracts/exporter.js';
import type { BlocksCertificate } from '../../reparam/certificate/difference.js';

/** What came of checking an export, for people. */
export function checkInWords({
  check,
  unchecked,
}: {
  readonly check?: ExportCheck;
  readonly unchecked?: string;
}): string {
  if (!check) return `not run by another program: ${unchecked ?? 'none was asked'}`;
  const { program, randomImages, relativeError, accuracy, accuracyLost, argmaxAgreement } = check;
  const images = `${check.images}${randomImages ? ' random' : ''} images`;
  if (accuracy !== undefined && accuracyLost !== undefined)
    return `in ${program} accuracy ${percent(accuracy)}, ${percent(accuracyLost)} lost by rounding, the same class for ${percent(argmaxAgreement)} of ${images}`;
  return `${program} computes the same on ${images}, relative error ${relativeError.toExponential(1)}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** Describes, a line each, what a certificate proves and what it rests on. */
export function proofInWords({ proof, basis, expected, tolerance }: BlocksCertificate): string[] {
  if (!basis) return [];
  const lines = (['read', 'told', 'assumed'] as const).flatMap((source) =>
    basis[source].map((what) => `${source}: ${what}`),
  );
  const left = basis.leftOut.length > 0 ? [`left out: ${shortened(basis.leftOut)}`] : [];
  if (proof === 'network' && expected)
    return [
      ...lines,
      ...left,
      `PROVEN: it answers as your network does by ${expected.file} (${expected.images} images, relative error ${expected.relativeError.toExponential(1)}, allowed ${tolerance})`,
    ];
  const open = basis.assumed.length > 0 ? ', and what was assumed above may not be so of your network' : '';
  return [
    ...lines,
    ...left,
    `NOT PROVEN of your network: what was compared is the fold with this reading of the file${open}; --expect proves it with your network's own answers`,
  ];
}

const shortened = (names: readonly string[]): string =>
  names.length > 12 ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more` : names.join(', ');
