import type { Observable } from 'rxjs';
import type { NumberedEvent } from '../../contracts/events.js';
import type { Observer, ObserverContext, ObserverSession } from '../../contracts/observer.js';
import type { Chosen } from '../../contracts/part.js';
import { Feed } from './feed.js';
import { settlesWithin } from './settles-within.js';

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
