import test from 'ava';
import type { EngineSession } from '../../../../core/contracts/index.js';
import { onednn } from '../../../../plugins/engines/onednn/engine.js';
import { where } from '../where.js';

// Before the first test: all are declared at once.
const probe = await onednn.probe({});

/** Declares a test of what needs the library, one after the other; skipped with the reason where it is not installed. */
export const here = where(probe);

/** The engine, started for the tests of the calling file and stopped after them; a test may put another in its place. */
export function started(): { session: EngineSession | undefined } {
  const engine: { session: EngineSession | undefined } = { session: undefined };
  if (!probe.available) return engine;
  test.before(async () => {
    engine.session = await onednn.start({ threads: 2 });
  });
  test.after(() => engine.session?.stop());
  return engine;
}
