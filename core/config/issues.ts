import type { z } from 'zod';
import { withArticle, nearest, show } from './container/describe.js';
import { descriptionAt, type JsonSchema, keyPaths, keysAt } from './json-schema.js';
import { isPlain, joinPath, valueAt } from './plain.js';
import type { ConfigProblem } from './problem.js';

export interface IssueContext {
  /** Path of the checked value. */
  readonly prefix: string;
  /** Schema of what may be written there. */
  readonly schema: JsonSchema;
  originOf(path: string): string | undefined;
}

type Issue = z.core.$ZodIssue;

interface Located {
  readonly issue: Issue;
  readonly path: readonly PropertyKey[];
}

/** Translates zod's issues with a value into config problems. */
export function problemsOf(error: z.ZodError, value: unknown, context: IssueContext): ConfigProblem[] {
  return error.issues
    .flatMap((issue) => locate(issue, [], value))
    .flatMap((located) =>
      located.issue.code === 'unrecognized_keys'
        ? unknownKeys(located.issue.keys, located.path, value, context)
        : [invalidValue(located, value, context)],
    );
}

const dotted = (prefix: string, path: readonly PropertyKey[]): string => path.reduce<string>(joinPath, prefix);

function unknownKeys(
  keys: readonly string[],
  path: readonly PropertyKey[],
  value: unknown,
  { prefix, schema, originOf }: IssueContext,
): ConfigProblem[] {
  const known = keysAt(schema, path);
  return keys.map((key) => {
    const at = joinPath(dotted(prefix, path), key);
    const elsewhere = keyPaths(schema).find((other) => other.endsWith(`.${key}`));
    return {
      code: 'unknown-key',
      path: at,
      origin: originOf(at),
      found: `${show(valueAt(value, [...path, key]))} under a key that nothing reads`,
      expected: known.length > 0 ? `one of the keys ${known.join(', ')}` : 'no keys here',
      hint: elsewhere ? `Did you mean ${joinPath(prefix, elsewhere)}?` : nearest(key, known),
    };
  });
}

function invalidValue(
  { issue, path }: Located,
  value: unknown,
  { prefix, schema, originOf }: IssueContext,
): ConfigProblem {
  const found = valueAt(value, path);
  const at = dotted(prefix, path);
  const description = found === undefined ? descriptionAt(schema, path) : undefined;
  const keys =
    found !== undefined && issue.code === 'invalid_type' && issue.expected === 'object' ? keysAt(schema, path) : [];
  const expected = keys.length > 0 ? `an object with some of the keys ${keys.join(', ')}` : expectation(issue);
  return {
    code: found === undefined ? 'missing' : 'invalid-value',
    path: at,
    origin: originOf(at),
    found: show(found),
    expected: description ? `${expected}: ${description}` : expected,
    hint:
      typeof found === 'string' && keys.includes('name')
        ? `Did you mean { "name": ${show(found)} }?`
        : typeof found === 'string'
          ? nearest(found, choices(issue))
          : undefined,
  };
}

/** A union fails with the issues of every member; keeps those of the member that was meant. */
function locate(issue: Issue, base: readonly PropertyKey[], value: unknown): Located[] {
  const path = [...base, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ issue, path }];
  const members = issue.errors.map((issues) => issues.flatMap((inner) => locate(inner as Issue, path, value)));
  const unknown = unknownToAll(members, path, value);
  if (unknown) return [unknown];
  const meant = members.filter((found) => found.every((one) => one.path.length > path.length && isThere(one, value)));
  return meant.length === 1 && meant[0] ? meant[0] : [{ issue, path }];
}

const isThere = ({ path }: Located, value: unknown): boolean => valueAt(value, path) !== undefined;

/** Returns the keys of an object that no member of a union knows. */
function unknownToAll(
  members: readonly (readonly Located[])[],
  path: readonly PropertyKey[],
  value: unknown,
): Located | undefined {
  if (!isPlain(valueAt(value, path))) return undefined;
  const unknown = members
    .flatMap((found) => found.filter((one) => one.path.length === path.length))
    .map(({ issue }) => (issue.code === 'unrecognized_keys' ? issue.keys : undefined))
    .filter((keys) => keys !== undefined);
  const [first, ...others] = unknown;
  const keys = first?.filter((key) => others.every((other) => other.includes(key))) ?? [];
  return keys.length > 0 ? { issue: { code: 'unrecognized_keys', keys, path: [], message: '' }, path } : undefined;
}

/** Lists the allowed single values. */
function choices(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' ? discriminators(issue).map(String) : [];
}

const discriminators = (issue: Issue): unknown[] => {
  const { options } = issue as { options?: unknown };
  return Array.isArray(options) ? options.filter((option) => option !== undefined && option !== null) : [];
};

/** Zod's message when it has no specific one. */
const MUTE = 'Invalid input';

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeName(issue.expected);
    case 'too_small':
      return `${ofWhat(issue.origin)}${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `${ofWhat(issue.origin)}${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union': {
      if (issue.errors.length === 0) return oneOf(discriminators(issue));
      if (issue.message !== MUTE) return issue.message;
      const each = issue.errors.flatMap(([inner]) => (inner ? [expectation(inner as Issue)] : []));
      return [...new Set(each)].join(', or ');
    }
    case 'invalid_key':
      return issue.issues[0] ? expectation(issue.issues[0] as Issue) : issue.message;
    default:
      return issue.message;
  }
}

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? show(values[0]) : `one of ${values.map(show).join(', ')}`;

const ofWhat = (origin: string): string => (origin === 'array' || origin === 'string' ? 'a length of ' : '');

function typeName(expected: string): string {
  if (expected === 'int') return 'an integer';
  if (expected === 'array' || expected === 'tuple') return 'a list';
  return withArticle(expected);
}
