import test from 'ava';
import { onednn } from '../../../../plugins/engines/onednn/engine.js';

// Before the first test: all are declared at once.
const probe = await onednn.probe({});

/** Whether the library is installed. */
export const available = probe.available;

/** Declares a test of what needs the library, one after the other; skipped with the reason where it is not installed. */
export const here = probe.available
  ? test.serial
  : (title: string) => test.skip(`${title} (${probe.reason}; ${probe.install})`, () => undefined);
