import util from 'node:util';

/** What TensorFlow.js' native backend asks of `node:util`: Node.js 22 warns of it, later versions no longer have all of it. */
const ASKED: Readonly<Record<string, (value: unknown) => boolean>> = {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isArray: (value) => Array.isArray(value),
};

/** Puts the same without the warnings in its place, before the package is loaded. */
export function provideUtilities(): void {
  Object.assign(util, ASKED);
}
