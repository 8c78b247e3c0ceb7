import type { NumberedEvent } from './events.js';
import type { Part } from './part.js';

/** Watches a run. It can neither break nor slow it: an error becomes a warning event, and a slow observer loses `step` events only. */
export interface Observer<Options = unknown> extends Part<Options> {
  start(context: ObserverContext, options: Options): ObserverSession | Promise<ObserverSession>;
}

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

export interface ObserverSession {
  next(event: NumberedEvent): void | Promise<void>;
  /** Always called once, also after a failure. */
  complete(): void | Promise<void>;
}
