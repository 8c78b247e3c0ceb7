/** What became of a number of attempts to break something. */
export interface Findings {
  /** What was tried, as a person would say it. */
  readonly what: string;
  readonly tried: number;
  /** Each that did not hold, with all that is needed to try it again. */
  readonly failures: readonly string[];
  /** Figures beside: where the attempts fell, how long things took. */
  readonly detail: string;
  /** Why it was not tried at all, where the machine does not allow it. */
  readonly skipped?: string;
}

export const skipped = (what: string, why: string): Findings => ({
  what,
  tried: 0,
  failures: [],
  detail: '',
  skipped: why,
});

/** `3 a, 2 b`, the most frequent first. */
export function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
