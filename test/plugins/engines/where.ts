import test from 'ava';
import type { EngineProbe } from '../../../core/contracts/index.js';

/**
 * Declares tests of what needs an engine, one after the other; where this machine cannot run it they are skipped, and say why and
 * what to install.
 */
export const where = (probe: EngineProbe): typeof test.serial | typeof skipped =>
  probe.available ? test.serial : (title: string) => skipped(`${title} (${probe.reason}; ${probe.install})`);

const skipped = (title: string): void => test.skip(title, () => undefined);
