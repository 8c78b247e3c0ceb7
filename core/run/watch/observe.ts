import type { Observable } from 'rxjs';
import type { NumberedEvent } from '../../contracts/events.js';
import type { Observer, ObserverContext, ObserverSession } from '../../contracts/observer.js';
import type { Chosen } from '../../contracts/part.js';
import { Feed } from './feed.js';
import { within } from './within.js';

export interface ObserveOptions {
  /** Told once of each observer that fails, or does not keep up; also after the events have ended. */
  readonly warn: (message: string) => void;
  /** Events that may wait for a slow observer; beyond them, waiting `step` events are left out. @default 1000 */
  readonly buffer?: number;
  /** Milliseconds an observer is waited for when it starts and when it ends. @default 5000 */
  readonly patience?: number;
}

export interface NamedSession {
  readonly name: string;
  readonly session: ObserverSession;
}

const PATIENCE = 5000;
const BUFFER = 1000;

/** Starts observers; the run goes without one that fails to start. */
export async function startObservers(
  observers: readonly Chosen<Observer>[],
  context: ObserverContext,
  { patience = PATIENCE }: Pick<ObserveOptions, 'patience'> = {},
): Promise<NamedSession[]> {
  const sessions = await Promise.all(
    observers.map(async ({ definition, options }) => {
      try {
        const starting = Promise.resolve(definition.start(context, options));
        if (await within(patience, starting)) return [{ name: definition.name, session: await starting }];
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

/** One that starts after all is ended at once. */
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
      // What broke the run is the business of whoever runs it; observers end either way.
      error: finish,
      complete: finish,
    });
  });
}
