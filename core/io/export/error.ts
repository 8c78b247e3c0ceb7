/**
 * A format whose files may not be used: the program that reads them does not open them, or computes something else than the fused
 * network. The message says which program, how far off it is and what was allowed. Nothing is left of the files.
 */
export class ExportError extends Error {
  override readonly name = 'ExportError';
}
