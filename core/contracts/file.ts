/** What a file is to hold: bytes, text, or parts that are made while they are written. */
export type FileContent = Uint8Array | string | FileParts;

/** The bytes of a file one part after another, so that a large model is never held twice. */
export interface FileParts {
  readonly byteLength: number;
  /** From the first on, at every call. A part is valid until the next one is asked for. */
  parts(): Iterable<Uint8Array>;
}
