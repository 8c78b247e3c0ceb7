import type { Part } from './part.js';

/** Where tensors live and compute kernels run. */
export interface Engine<Options = unknown> extends Part<Options> {
  /**
   * Rank for `engine: auto`, which tries engines from the lowest: GPU (10 …), native CPU (20 …), wasm (30), cpu (40).
   */
  readonly order: number;
  /** Checks that this machine can run the engine. Never throws, and leaves nothing behind. */
  probe(options: Options): Promise<EngineProbe>;
  /**
   * Registers the TensorFlow.js backend and its kernels, and makes it current. @throws Error saying what to install.
   */
  start(options: Options): Promise<EngineSession>;
}

/**
 * Result of a probe: the device in words, as the session will report it; or why the engine cannot run, and what to
 * install.
 */
export type EngineProbe =
  | { readonly available: true; readonly device: string }
  | { readonly available: false; readonly reason: string; readonly install: string };

/** A started engine: TensorFlow.js' current backend. */
export interface EngineSession {
  /** Name of the TensorFlow.js backend. */
  readonly backend: string;
  /** The device in use, in words: `CPU, 2 threads, oneDNN 2.6.3 (AVX2)`. */
  readonly device: string;
  /** Versions of the libraries that compute, for the result files. */
  readonly versions: Readonly<Record<string, string>>;
  /** Bytes of tensors now, and at the peak since the last reset, by the engine's own accounting. */
  memory(): { readonly bytes: number; readonly peakBytes: number };
  /** Resets the peak to the bytes in use now. */
  resetPeak(): void;
  /** Releases what the backend can release. The engine can be started again. */
  stop(): Promise<void>;
}
