/** Arrays and plain data that decide how a run goes on: what a checkpoint holds of a part. */
export interface StateRecord {
  readonly arrays: Readonly<Record<string, Float32Array | Float64Array | Int32Array | Uint8Array>>;
  /** JSON values only. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** A part whose state survives a resume exactly. */
export interface State {
  /** Copies everything that decides how it goes on, as it stands between two steps. */
  save(): StateRecord;
  /** @throws Error naming what is missing or of the wrong size. */
  restore(record: StateRecord): void;
}
