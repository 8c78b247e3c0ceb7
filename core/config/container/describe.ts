import { closest, distance } from 'fastest-levenshtein';

const LONGEST = 80;

/** Formats a value for a message: short, on one line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  let text: string;
  try {
    text = JSON.stringify(value) ?? typeof value;
  } catch {
    text = 'an object that JSON cannot hold';
  }
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** Returns the known name closest to this one; undefined if none is close. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const partly = known.filter((one) => name.length > 2 && one.length > 2 && (one.includes(name) || name.includes(one)));
  const among = partly.length > 0 ? partly : [...known];
  if (among.length === 0) return undefined;
  const candidate = closest(name, among);
  const apart = distance(name.toLowerCase(), candidate.toLowerCase());
  const shorter = Math.min(name.length, candidate.length);
  const close = apart < shorter && apart <= Math.max(2, shorter / 3);
  return partly.length > 0 || close ? candidate : undefined;
}

/** Returns "Did you mean …?" for a close known name. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const candidate = nearestName(name, known);
  return candidate === undefined ? undefined : `Did you mean ${candidate}?`;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Puts the article before a word. */
export const withArticle = (word: string): string => `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
