/** An evaluation whose logits, or a state whose numbers, are not finite: what they would count as is no result. */
export class NotFiniteError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'NotFiniteError';
  }
}

/** The first of some arrays that holds a value that is not finite, named with its place; undefined where all are finite. */
export function notFinite(arrays: Iterable<readonly [name: string, values: ArrayLike<number>]>): string | undefined {
  for (const [name, values] of arrays) {
    for (let at = 0; at < values.length; at++)
      if (!Number.isFinite(values[at])) return `${name} became ${values[at]} (value ${at + 1} of ${values.length})`;
  }
  return undefined;
}
