import type { FusedNetwork } from '../contracts/exporter.js';
import type { ExportChecked } from '../export/checked.js';
import type { ImportOptions } from '../import/index.js';
import { refusal } from '../network/certificate.js';
import type { BlocksCertificate, Certificate } from '../network/certified.js';
import { CertificateError } from '../run/finish.js';

/** A format to write, and where. */
export interface Target {
  /** Name of an exporter, and its options beside it. */
  readonly format: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** A folder for the format's files; with `single`, the file itself. */
  readonly path: string;
  /** Whether the format's one file is wanted, without a folder around it. */
  readonly single?: boolean;
}

export interface ConvertOptions extends ImportOptions {
  readonly targets?: readonly Target[];
  /** Take averaged weights (EMA) where the checkpoint has both. @default true */
  readonly average?: boolean;
  /** Engine that checks. @default 'auto', the fastest that answers */
  readonly engine?: string;
  /** Of the random images that everything is checked on. @default 0 */
  readonly seed?: number;
  /** Told of every step. */
  progress?(message: string): void;
}

/** A format that is not there, or does not know an option. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

export interface WrittenExport {
  readonly format: string;
  readonly path: string;
  readonly bytes: number;
  readonly checked: ExportChecked;
}

export interface Conversion {
  /** Absent where the checkpoint's network is not known, and its blocks alone were folded. */
  readonly network?: FusedNetwork;
  readonly certificate: Certificate | BlocksCertificate;
  /** What was found, assumed and left out. */
  readonly notes: readonly string[];
  readonly exports: readonly WrittenExport[];
}

/** @throws CertificateError when folding would change what is computed by more than the tolerance */
export function refuseUnequal(certificate: BlocksCertificate): void {
  const why = refusal(certificate);
  if (why) throw new CertificateError(why, certificate);
}
