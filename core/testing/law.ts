import fc from 'fast-check';
import { messageOf } from '../config/container/describe.js';

/** One thing that every part of a kind must hold to. */
export interface Law {
  /** What holds, with the name of the part. */
  readonly name: string;
  /** Rejects with a {@link LawError} where it does not. */
  check(): Promise<void>;
}

/** A law that does not hold: which one, of which part, how it was broken, and the smallest case that breaks it. */
export class LawError extends Error {
  readonly law: string;
  readonly part: string;

  constructor(part: string, law: string, how: string, smallest?: string) {
    const lines = [`${part}: broken law: ${law}`, `  ${how}`, ...(smallest ? [`  smallest case: ${smallest}`] : [])];
    super(lines.join('\n'));
    this.name = 'LawError';
    this.part = part;
    this.law = law;
  }
}

/** Names the laws of one part. What a check throws says how its law is broken. */
export const lawOf =
  (part: string) =>
  (law: string, check: () => void | Promise<void>): Law => ({
    name: `${part}: ${law}`,
    check: async () => {
      try {
        await check();
      } catch (error) {
        if (error instanceof Broken) throw new LawError(part, law, error.how, error.smallest);
        throw new LawError(part, law, messageOf(error));
      }
    },
  });

/** Checks laws one after another, for those who have no test runner. @throws LawError of the first that is broken. */
export async function checkLaws(laws: readonly Law[]): Promise<void> {
  for (const law of laws) await law.check();
}

class Broken extends Error {
  readonly how: string;
  readonly smallest: string;

  constructor(how: string, smallest: string) {
    super(how);
    this.how = how;
    this.smallest = smallest;
  }
}

/** How often, and from which seed, a property is tried. */
export interface Tries {
  readonly runs: number;
  readonly seed: number;
}

/** Tries a property on random cases, and makes a case that breaks it as small as it gets. `check` throws where it does not hold. */
export async function forAll<Case>(
  cases: fc.Arbitrary<Case>,
  check: (given: Case) => void | Promise<void>,
  { runs, seed }: Tries,
  describe: (given: Case) => string,
): Promise<void> {
  const property = fc.asyncProperty(cases, async (given) => check(given));
  const { failed, counterexample, errorInstance } = await fc.check(property, { numRuns: runs, seed });
  if (failed && counterexample) throw new Broken(messageOf(errorInstance), describe(counterexample[0]));
}

/** Throws what was found instead of what had to be. */
export function expect(holds: boolean, found: string): asserts holds {
  if (!holds) throw new Error(found);
}
