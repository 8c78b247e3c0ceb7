import type { NumberedEvent } from './events.js';
import type { Part } from './part.js';

/** Watches a run. It can neither break nor slow it: an error becomes a warning event, and a slow observer loses `step` events only. */
export interface Observer<Options = unknown> extends Part<Options> {
  /** Begins to watch a run, before its first event. One that takes over 5 seconds is left behind, with a warning. */
  start(context: ObserverContext, options: Options): ObserverSession | Promise<ObserverSession>;
}

/** What an observer is told of the run that it watches. */
export interface ObserverContext {
  /** The run folder; an observer that writes files writes them here. */
  readonly folder: string;
  /** Sequence number of the first event to come: files of a resumed run are cut to what lies before it. */
  readonly firstSequence: number;
  /** Whether a person watches on a terminal. */
  readonly interactive: boolean;
  /** Tell people something (events lost in a crash, say); becomes a `warning` event. */
  warn(message: string): void;
}

/** An observer of one run, from before its first event until after its last. */
export interface ObserverSession {
  /** One event, in order. The next one comes when a returned promise has settled; the run does not wait for it. */
  next(event: NumberedEvent): void | Promise<void>;
  /** Always called once, also after a failure. */
  complete(): void | Promise<void>;
}
