import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';

export type ProblemCode =
  | 'unknown-key'
  | 'unknown-name'
  | 'invalid-value'
  | 'missing'
  | 'unreadable'
  | 'refused'
  | 'cycle'
  | 'plugin';

/** One thing that is wrong with a config. */
export interface ConfigProblem {
  readonly code: ProblemCode;
  /** Dotted key path; empty for the config as a whole. */
  readonly path: string;
  /** File, preset or option that the value came from. */
  readonly origin?: string | undefined;
  readonly found: string;
  readonly expected: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** Everything that is wrong with a config, all at once. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    super(`${count} in the config\n${problems.map(render).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function render({ path, origin, found, expected, hint }: ConfigProblem): string {
  const where = [path, origin && `(${origin})`].filter(Boolean).join(' ');
  return `  ${where || 'config'}: found ${found}; expected ${expected}${hint ? `. ${hint}` : ''}`;
}

/** A value as it should look in a message: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = String(value);
  }
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** "Did you mean …?" where a known name is close enough to be what was meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(name, [...known]);
  const alike = candidate.includes(name) || name.includes(candidate);
  return alike || distance(name, candidate) <= Math.max(2, name.length / 3) ? `Did you mean ${candidate}?` : undefined;
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

/** What zod found wrong, in our terms. `known` gives the keys that an object at a path may have. */
export function problemsOf(
  error: z.ZodError,
  value: unknown,
  context: {
    readonly prefix: string;
    originOf(path: string): string | undefined;
    known(path: readonly PropertyKey[]): readonly string[];
  },
): ConfigProblem[] {
  const flat = error.issues.flatMap((issue) => flatten(issue, []));
  return flat.flatMap(({ issue, path }): ConfigProblem[] => {
    const dotted = [context.prefix, ...path.map(String)].filter(Boolean).join('.');
    const at = (key?: string) => (key === undefined ? dotted : dotted === '' ? key : `${dotted}.${key}`);
    if (issue.code === 'unrecognized_keys') {
      const known = context.known(path);
      return issue.keys.map((key) => ({
        code: 'unknown-key',
        path: at(key),
        origin: context.originOf(at(key)),
        found: 'a key that nothing reads',
        expected: known.length > 0 ? `one of ${known.join(', ')}` : 'no keys here',
        hint: nearest(key, known),
      }));
    }
    const found = valueAt(value, path);
    return [
      {
        code: found === undefined ? 'missing' : 'invalid-value',
        path: dotted,
        origin: context.originOf(dotted),
        found: show(found),
        expected: expectation(issue),
      },
    ];
  });
}

type Issue = z.core.$ZodIssue;

/** A union fails with the issues of every member: those of the member that came furthest are the ones that help. */
function flatten(issue: Issue, base: readonly PropertyKey[]): { issue: Issue; path: readonly PropertyKey[] }[] {
  const path = [...base, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ issue, path }];
  const members = issue.errors.map((issues) => issues.flatMap((inner) => flatten(inner as Issue, path)));
  const deeper = members.filter((found) =>
    found.every((one) => one.path.length > path.length || one.issue.code === 'unrecognized_keys'),
  );
  const best = deeper.sort((a, b) => a.length - b.length)[0];
  if (best && !best.every((one) => one.issue.code === 'unrecognized_keys')) return best;
  return best ?? [{ issue, path }];
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int'
        ? 'an integer'
        : `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
    case 'too_small':
      return `${issue.origin === 'array' || issue.origin === 'string' ? 'a length of ' : ''}${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.origin === 'array' || issue.origin === 'string' ? 'a length of ' : ''}${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.length === 1 ? show(issue.values[0]) : `one of ${issue.values.map(show).join(', ')}`;
    case 'invalid_union':
      return (
        issue.errors
          .flatMap((issues) => issues.slice(0, 1))
          .map((inner) => expectation(inner as Issue))
          .filter((text, index, all) => all.indexOf(text) === index)
          .join(', or ') || issue.message
      );
    default:
      return issue.message;
  }
}
