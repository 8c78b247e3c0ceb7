import type { NumberedEvent } from './events.js';
import type { Part } from './part.js';

/**
 * Watches a run. It can neither break nor slow it: an error becomes a warning, and a slow observer loses only `step`
 * events.
 */
export interface Observer<Options = unknown> extends Part<Options> {
  /**
   * Starts to watch a run, before its first event. An observer that takes more than 5 seconds is left behind, with a
   * warning.
   */
  start(context: ObserverContext, options: Options): ObserverSession | Promise<ObserverSession>;
}

/** What an observer knows about the run. */
export interface ObserverContext {
  /** The run folder; observers that write files write them here. */
  readonly folder: string;
  /** Sequence number of the first event to come. Files of a resumed run are cut to the events before it. */
  readonly firstSequence: number;
  /** True if a person watches on a terminal. */
  readonly interactive: boolean;
  /** Reports something to the user (events lost in a crash, for example), as a `warning` event. */
  warn(message: string): void;
}

/** An observer of one run, from before its first event until after its last. */
export interface ObserverSession {
  /** Receives one event, in order. The next one comes once a returned promise has settled; the run does not wait. */
  next(event: NumberedEvent): void | Promise<void>;
  /** Called once at the end, also after a failure. */
  complete(): void | Promise<void>;
}
