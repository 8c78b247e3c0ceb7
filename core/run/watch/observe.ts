import type { Observable } from 'rxjs';
import type { NumberedEvent } from '../../contracts/events.js';
import type { Observer, ObserverContext, ObserverSession } from '../../contracts/observer.js';
import type { Chosen } from '../../contracts/part.js';

export interface ObserveOptions {
  /** Called once per observer that fails or does not keep up, even after the last event. */
  readonly warn: (message: string) => void;
  /** Number of events that may wait for a slow observer; beyond it, waiting `step` events are dropped. @default 1000 */
  readonly buffer?: number;
  /** Milliseconds to wait for an observer at its start and end. @default 5000 */
  readonly patience?: number;
}

export interface NamedSession {
  readonly name: string;
  readonly session: ObserverSession;
}

const PATIENCE = 5000;
const BUFFER = 1000;

/** Starts observers. The run continues without those that fail to start. */
export async function startObservers(
  observers: readonly Chosen<Observer>[],
  context: ObserverContext,
  { patience = PATIENCE }: Pick<ObserveOptions, 'patience'> = {},
): Promise<NamedSession[]> {
  const sessions = await Promise.all(
    observers.map(async ({ definition, options }) => {
      try {
        const starting = Promise.resolve(definition.start(context, options));
        if (await settlesWithin(patience, starting)) return [{ name: definition.name, session: await starting }];
        abandon(starting);
        context.warn(
          `observer '${definition.name}' did not start within ${patience / 1000} s; the run goes without it`,
        );
      } catch (error) {
        context.warn(
          `observer '${definition.name}' failed to start: ${(error as Error).message}; the run goes without it`,
        );
      }
      return [];
    }),
  );
  return sessions.flat();
}

/** Completes an observer that starts too late. */
function abandon(starting: Promise<ObserverSession>): void {
  starting.then((session) => session.complete()).catch(() => {});
}

/**
 * Lets observers watch a run without a hold on it: an error detaches the observer, a slow one loses steps, one that hangs is
 * left behind. Every observer sees the events in order.
 *
 * @returns resolves when the events have ended and every observer has completed or been given up; never rejects
 */
export function observe(
  events: Observable<NumberedEvent>,
  sessions: readonly NamedSession[],
  { warn, buffer = BUFFER, patience = PATIENCE }: ObserveOptions,
): Promise<void> {
  const feeds = sessions.map(({ name, session }) => new Feed(session, { name, buffer, patience, warn }));
  return new Promise((resolve) => {
    const finish = (): void => {
      Promise.all(feeds.map((feed) => feed.finish())).then(() => resolve());
    };
    events.subscribe({
      next: (event) => {
        for (const feed of feeds) feed.push(event);
      },
      // The caller handles a failed run; observers complete either way.
      error: finish,
      complete: finish,
    });
  });
}

interface FeedOptions {
  readonly name: string;
  /** Number of events that may wait for a slow observer; beyond it, waiting steps are dropped. */
  readonly buffer: number;
  /** Milliseconds to wait for an observer at the end. */
  readonly patience: number;
  readonly warn: (message: string) => void;
}

/** The queue of events before one observer: passes them on in order, and shields the run from it. */
class Feed {
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

/** Returns true if a promise settles within this many milliseconds. Rejects if it rejects in time. */
async function settlesWithin(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise.then(() => true), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
