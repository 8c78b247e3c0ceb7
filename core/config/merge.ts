import { type ConfigProblem, show } from './problem.js';

export type Plain = { [key: string]: unknown };

/** What one source says: a file, a preset, an option of the command line. */
export interface Layer {
  readonly values: Plain;
  readonly origin: string;
}

/** Layers laid over each other, and where every key came from. */
export interface Merged {
  readonly values: Plain;
  /** By dotted path of every leaf and of every object that came whole from one source. */
  readonly origins: ReadonlyMap<string, string>;
}

export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);

/** Keys that reach an object's prototype. */
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/** Nothing sensible is nested deeper; a structure that is comes from an alias that contains itself. */
const DEEPEST = 32;

/** Keys that no layer may have, wherever they stand. */
export function forbiddenKeys(value: unknown, origin: string, path = '', depth = 0): ConfigProblem[] {
  if (typeof value !== 'object' || value === null) return [];
  if (depth > DEEPEST) {
    return [
      {
        code: 'refused',
        path,
        origin,
        found: 'a structure that contains itself, or is nested too deep',
        expected: `at most ${DEEPEST} levels`,
      },
    ];
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`;
    if (!Array.isArray(value) && FORBIDDEN.includes(key)) {
      return [
        {
          code: 'refused' as const,
          path: at,
          origin,
          found: show(key),
          expected: 'a key that does not reach the prototype of an object',
        },
      ];
    }
    return isPlain(inner) || Array.isArray(inner) ? forbiddenKeys(inner, origin, at, depth + 1) : [];
  });
}

/**
 * Lays layers over each other, the last on top. Plain objects merge deep, everything else replaces, `null` takes a key back
 * to its default. An object with another `name` replaces the one below it: the options of one part mean nothing to another.
 */
export function merge(layers: readonly Layer[], choices: readonly string[], whole: readonly string[]): Merged {
  const origins = new Map<string, string>();
  const values: Plain = Object.create(null) as Plain;
  for (const { values: over, origin } of layers) {
    const named = Object.fromEntries(
      Object.entries(over).map(([key, value]) => [
        key,
        choices.includes(key) && typeof value === 'string' ? { name: value } : value,
      ]),
    );
    lay(values, named, origin, '', origins, whole);
  }
  return { values, origins };
}

function lay(
  below: Plain,
  over: Plain,
  origin: string,
  path: string,
  origins: Map<string, string>,
  whole: readonly string[],
): void {
  for (const [key, value] of Object.entries(over)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (value === undefined) continue;
    const old = below[key];
    const replaces = !isPlain(value) || !isPlain(old) || whole.includes(at) || otherName(old, value);
    if (replaces) forget(at, origins);
    if (value === null) {
      delete below[key];
      continue;
    }
    if (!isPlain(value)) {
      below[key] = value;
      origins.set(at, origin);
      continue;
    }
    if (replaces) below[key] = Object.create(null) as Plain;
    if (replaces) origins.set(at, origin);
    lay(below[key] as Plain, value, origin, at, origins, whole);
  }
}

const otherName = (old: Plain, value: Plain): boolean => value['name'] !== undefined && value['name'] !== old['name'];

function forget(path: string, origins: Map<string, string>): void {
  for (const key of origins.keys()) if (key === path || key.startsWith(`${path}.`)) origins.delete(key);
}

/** Where the value at a path came from: its own source, or that of the object it lies in. */
export function originAt(origins: ReadonlyMap<string, string>, path: string): string | undefined {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const origin = origins.get(at);
    if (origin !== undefined) return origin;
  }
  return undefined;
}
