import util from 'node:util';

/** What TensorFlow.js' native backend asks of `node:util` and Node.js 23 and later no longer has. */
const GONE: Readonly<Record<string, (value: unknown) => boolean>> = {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isArray: (value) => Array.isArray(value),
};

/** Puts back what is missing, before the package is loaded. */
export function restoreUtilities(): void {
  const utilities = util as unknown as Record<string, unknown>;
  for (const [name, check] of Object.entries(GONE)) utilities[name] ??= check;
}
