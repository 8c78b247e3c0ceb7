/** Content of a file: bytes, text, or parts made while they are written. */
export type FileContent = Uint8Array | string | FileParts;

/** The bytes of a file part by part, so that a large model is never held twice. */
export interface FileParts {
  readonly byteLength: number;
  /** Yields the parts from the first, at every call. A part is valid until the next one is asked for. */
  parts(): Iterable<Uint8Array>;
}
