import { messageOf, show } from './container/describe.js';
import { isPlain, joinPath, type Plain } from './plain.js';
import type { ConfigProblem } from './problem.js';

/** Keys that reach an object's prototype. */
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/** Greatest depth. Deeper structures contain themselves. */
const DEEPEST = 32;

/** Greatest size. Larger structures repeat themselves, as YAML aliases allow. */
const LARGEST = 100_000;

/**
 * Copies values from outside: plain objects, arrays and single values. Leaves out and reports what could reach a
 * prototype, contains itself, or is more than data.
 */
export function clean(values: Plain, origin: string): { readonly values: Plain; readonly problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  let size = 0;
  const refuse = (path: string, found: string, expected: string): undefined => {
    problems.push({ code: 'refused', path, origin, found, expected });
    return undefined;
  };

  const copy = (value: unknown, path: string, depth: number, listed: boolean): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (depth > DEEPEST)
      return refuse(path, 'a structure that contains itself, or is nested too deep', `at most ${DEEPEST} levels`);
    // Array.from, because a list may have holes.
    if (Array.isArray(value))
      return Array.from(value, (item, index) => count(item, joinPath(path, index), depth, true));
    if (!isPlain(value))
      return refuse(
        path,
        `an object that is more than data (${kindOf(value)})`,
        'plain data: an object of keys and values',
      );
    return copyObject(value, path, depth, listed);
  };

  const count = (value: unknown, path: string, depth: number, listed: boolean): unknown => {
    size++;
    if (size === LARGEST) refuse(path, `more than ${LARGEST} values`, 'a config of a sensible size');
    return size < LARGEST ? copy(value, path, depth + 1, listed) : undefined;
  };

  const copyObject = (value: Plain, path: string, depth: number, listed: boolean): Plain => {
    const copied: Plain = {};
    for (const [key, inner] of Object.entries(value)) {
      const at = joinPath(path, key);
      if (FORBIDDEN.includes(key)) {
        refuse(at, `the key ${show(key)}`, 'a key that does not reach the prototype of an object');
      } else if (inner !== null || !listed) {
        // Lists replace each other whole, so there is no layer below for null to restore: the key is dropped.
        copied[key] = count(inner, at, depth, listed);
      }
    }
    return copied;
  };

  try {
    return { values: copyObject(values, '', 0, false), problems };
  } catch (error) {
    return {
      values: {},
      problems: [
        { code: 'unreadable', path: '', origin, found: messageOf(error), expected: 'values that can be read' },
      ],
    };
  }
}

const kindOf = (value: object): string => Object.prototype.toString.call(value).slice('[object '.length, -1);
