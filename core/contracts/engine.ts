import type { Part } from './part.js';

/** Where tensors live and kernels run. */
export interface Engine<Options = unknown> extends Part<Options> {
  /** Order in which `engine: auto` asks, lowest first: a GPU that answers (10 …), native CPU (20 …), wasm (30), cpu (40). */
  readonly order: number;
  /** Whether this machine can run it. Must not leave anything behind; never throws. */
  probe(options: Options): Promise<EngineProbe>;
  /** Registers the TensorFlow.js backend and its kernels and makes it the current one. @throws Error saying what to install. */
  start(options: Options): Promise<EngineSession>;
}

/** Whether a machine can run an engine: the device in words, as its session will say; or why not, and what to install. */
export type EngineProbe =
  | { readonly available: true; readonly device: string }
  | { readonly available: false; readonly reason: string; readonly install: string };

/** An engine that was started, and is TensorFlow.js' current backend. */
export interface EngineSession {
  /** Name of the TensorFlow.js backend. */
  readonly backend: string;
  /** The device truly used, in words: `CPU, 2 threads, oneDNN 2.6.3 (AVX2)`. */
  readonly device: string;
  /** Versions of what computes, for the result files. */
  readonly versions: Readonly<Record<string, string>>;
  /** Bytes of tensors now and at the highest since the last reset, by the engine's own accounting. */
  memory(): { readonly bytes: number; readonly peakBytes: number };
  /** Lets the highest number of bytes begin anew at those in use now. */
  resetPeak(): void;
  /** Gives back what was taken, as far as the backend can be given back. The engine can be started again. */
  stop(): Promise<void>;
}
