import type { ExportCheck } from '../../contracts/exporter.js';

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
