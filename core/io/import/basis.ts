import type { Basis } from '../../reparam/certificate/difference.js';

/** How something about a network came to be known. */
export type Source = 'read' | 'told' | 'assumed';

/**
 * What a fold rests on, as it is put together: every quantity that tensors alone do not say, with where its value comes from. The same
 * value from the same place is said once, with how often.
 */
export class BasisNotes {
  readonly #counts: Record<Source, Map<string, number>> = { read: new Map(), told: new Map(), assumed: new Map() };
  readonly #leftOut = new Set<string>();

  note(source: Source, what: string): void {
    const counts = this.#counts[source];
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }

  /** Notes something once, however often it is found. */
  once(source: Source, what: string): void {
    this.#counts[source].set(what, 1);
  }

  leaveOut(names: Iterable<string>): void {
    for (const name of names) this.#leftOut.add(name);
  }

  finish(): Basis {
    const list = (source: Source): string[] =>
      [...this.#counts[source]].map(([what, count]) => (count > 1 ? `${what} (${count} times)` : what));
    return { read: list('read'), told: list('told'), assumed: list('assumed'), leftOut: [...this.#leftOut] };
  }
}
