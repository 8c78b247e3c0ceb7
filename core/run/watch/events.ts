import { concatMap, from, map, type Observable } from 'rxjs';
import type { NumberedEvent, RunEvent } from '../../contracts/events.js';

/**
 * Numbers a run's events without gaps. Warnings, which may come from anywhere at any time, wait until the stream is pulled
 * for its next event, so that the same run gives the same numbers and a checkpoint knows which number its own event will have.
 */
export class EventNumbers {
  #next = 0;
  #warnings: RunEvent[] = [];

  /** Continues the numbering of an earlier run of the same folder. */
  startAt(next: number): void {
    this.#next = next;
  }

  /** Number of the next event. */
  get next(): number {
    return this.#next;
  }

  warn(message: string): void {
    this.#warnings.push({ type: 'warning', message });
  }

  number(events: Observable<RunEvent>): Observable<NumberedEvent> {
    return events.pipe(
      // A checkpoint holds the number of its own event, so nothing may slip in between.
      concatMap((event) => from(event.type === 'checkpoint' ? [event] : [...this.#drain(), event])),
      map((event) => ({ ...event, sequence: this.#next++ })),
    );
  }

  /** Returns warnings that came after the last event and are no longer part of the run. */
  leftOver(): string[] {
    return this.#drain().flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  }

  #drain(): RunEvent[] {
    const waiting = this.#warnings;
    this.#warnings = [];
    return waiting;
  }
}

/** Warnings of a candidate, which is built before the run begins: they become events when its turn comes. */
export class HeldWarnings {
  #held: string[] = [];
  #pass: ((message: string) => void) | undefined;

  warn(message: string): void {
    if (this.#pass) this.#pass(message);
    else this.#held.push(message);
  }

  /** Passes on what was held, and from now on every warning at once. */
  release(pass: (message: string) => void): void {
    this.#pass = pass;
    for (const message of this.#held.splice(0)) pass(message);
  }
}
