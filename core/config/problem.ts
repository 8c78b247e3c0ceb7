/**
 * What kind of thing is wrong: a key or a name that is not known, a value of another kind, a key without a value, a file that cannot be
 * read, a value that does not fit the others, sources that extend each other, a plugin that cannot be used.
 */
export type ProblemCode =
  | 'unknown-key'
  | 'unknown-name'
  | 'invalid-value'
  | 'missing'
  | 'unreadable'
  | 'refused'
  | 'cycle'
  | 'plugin';

/** One problem of a config. */
export interface ConfigProblem {
  readonly code: ProblemCode;
  /** Dotted key path; empty for the whole config. */
  readonly path: string;
  /** File, preset or option that the value came from. */
  readonly origin?: string | undefined;
  readonly found: string;
  readonly expected: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** Thrown with every problem of a config at once. */
export class ConfigError extends Error {
  /** All problems. */
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super([`${count} in the config`, ...problems.map(render)].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Formats where, what, and what instead, one line each. */
function render({ path, origin, found, expected, hint }: ConfigProblem): string {
  const lines = [
    `\n  ${path || 'config'}${origin === undefined ? '' : `  (${origin})`}`,
    `    found     ${found}`,
    `    expected  ${expected}`,
    ...(hint === undefined ? [] : [`    → ${hint}`]),
  ];
  return lines.join('\n');
}
