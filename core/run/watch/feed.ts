import type { NumberedEvent } from '../../contracts/events.js';
import type { ObserverSession } from '../../contracts/observer.js';
import { settlesWithin } from './settles-within.js';

export interface FeedOptions {
  readonly name: string;
  /** Number of events that may wait for a slow observer; beyond it, waiting steps are dropped. */
  readonly buffer: number;
  /** Milliseconds to wait for an observer at the end. */
  readonly patience: number;
  readonly warn: (message: string) => void;
}

/** Passes events to one observer in order, and shields the run from it. */
export class Feed {
  readonly #session: ObserverSession;
  readonly #options: FeedOptions;
  readonly #waiting: NumberedEvent[] = [];
  /** The event that the observer is handling. */
  #current: Promise<void> | undefined;
  #detached = false;
  #leftOut = 0;

  constructor(session: ObserverSession, options: FeedOptions) {
    this.#session = session;
    this.#options = options;
  }

  push(event: NumberedEvent): void {
    if (this.#detached) return;
    if (this.#current) this.#wait(event);
    else this.#hand(event);
  }

  /** Waits, within limits, for the observer to handle what is left, and completes it. Never throws. */
  async finish(): Promise<void> {
    const { patience, warn, name } = this.#options;
    if (!(await settlesWithin(patience, this.#drained()))) this.#detach(`did not keep up and was left behind`);
    if (this.#leftOut > 0) warn(`observer '${name}' was slow: ${this.#leftOut} steps were left out`);
    if (!(await settlesWithin(patience, this.#complete())))
      warn(`observer '${name}' did not end within ${patience / 1000} s`);
  }

  #hand(event: NumberedEvent): void {
    try {
      const observed = this.#session.next(event);
      if (!observed) return;
      this.#current = Promise.resolve(observed).then(
        () => this.#next(),
        (error) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #wait(event: NumberedEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > this.#options.buffer) this.#leaveOutStep();
  }

  #next(): void {
    this.#current = undefined;
    while (!this.#current && !this.#detached) {
      const event = this.#waiting.shift();
      if (!event) return;
      this.#hand(event);
    }
  }

  #leaveOutStep(): void {
    const oldest = this.#waiting.findIndex(({ type }) => type === 'step');
    if (oldest < 0) return;
    this.#waiting.splice(oldest, 1);
    this.#leftOut++;
  }

  async #drained(): Promise<void> {
    while (this.#current && !this.#detached) await this.#current;
  }

  async #complete(): Promise<void> {
    try {
      await this.#session.complete();
    } catch (error) {
      if (!this.#detached) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#detach(`failed: ${error instanceof Error ? error.message : String(error)}`);
  }

  #detach(why: string): void {
    if (this.#detached) return;
    this.#detached = true;
    this.#waiting.length = 0;
    const { name, warn } = this.#options;
    // After the current event: other observers have yet to see it, and a warning is an event too.
    queueMicrotask(() => warn(`observer '${name}' ${why}; the run goes on without it`));
  }
}
